/** POST /build: a Dockerfile and its context become an image (moby: builder-next/builder.go, Build). */
import { utf8 } from '../../base/bytes.ts';
import { DisposableStore } from '../../base/disposable.ts';
import { AppError, toAppError } from '../../base/errors.ts';
import { Steps as Budget } from '../../base/steps.ts';
import type { ByteSource } from '../../base/streams.ts';
import { parseDockerfile } from '../../grammar/dockerfile/parse.ts';
import { readStages, type Dockerfile } from '../../grammar/dockerfile/stages.ts';
import { unixSeconds } from '../clock.ts';
import { parseReference, withDefaultTag, type Reference } from '../../grammar/reference.ts';
import type { BuildFailure, BuildMessage, BuildOutput } from '../../protocol/build-progress.ts';
import type { HostConfig } from '../../protocol/engine-api.ts';
import type { BuildImages } from '../images/builds.ts';
import { MessageQueue } from '../images/progress.ts';
import { parsePlatform } from '../images/platform.ts';
import type { RegistryAuth } from '../registry/hosts.ts';
import type { Source } from '../source.ts';
import type { BuildCache } from './cache/build-cache.ts';
import { exportAll } from './export/exports.ts';
import { planBuild } from './plan/plan.ts';
import { Linter, type Warning } from './plan/checks/linter.ts';
import { checkAnswer, targetsAnswer } from './plan/describe.ts';
import type { BuildPlan, ResolveBase } from './plan/model.ts';
import { baseImages } from './solve/base.ts';
import { solve } from './solve/solve.ts';
import { stepWorks, type WorkContext } from './solve/work.ts';
import { receiveContext, shownDockerfile, type ReceivedContext } from './context/receive.ts';
import { WatchedVertex, type Watcher } from './solve/watched.ts';

export interface BuildRequest {
  /** As typed: "web", "web:1.0". */
  readonly names: readonly string[];
  /** Its path in the context. */
  readonly dockerfile: string;
  readonly buildArgs: ReadonlyMap<string, string>;
  readonly labels: ReadonlyMap<string, string>;
  /** '' is the last stage. */
  readonly target: string;
  readonly uncached: 'all' | readonly string[];
  /** Base images are looked for anew. */
  readonly pulls: boolean;
  /** '' is the guest's own. */
  readonly platform: string;
  /** Of RUN: '', "default", "host", "none". */
  readonly network: string;
  /** `--add-host`, `--shm-size`, `--ulimit`, `--cgroup-parent` and limits. */
  readonly host: Partial<HostConfig>;
  /** Who asks for base images, by the registry's host. */
  readonly auths: ReadonlyMap<string, RegistryAuth>;
  /** `--secret`, by ID. */
  readonly secrets: ReadonlyMap<string, Uint8Array>;
  /** What is wanted: an image, or what there is to say of the Dockerfile. */
  readonly call: 'build' | 'check' | 'targets';
  /** One after the other. Names are of images and of archives of them. */
  readonly outputs: readonly BuildOutput[];
  /** One stage after the other. */
  readonly isSerial: boolean;
  readonly signal: AbortSignal;
}

export interface BuildContext extends WorkContext {
  readonly builds: BuildImages;
  readonly cache: BuildCache;
}

/**
 * Builds and tells how it goes; a failure is its last message.
 * @param body the context, a tar, compressed as Docker takes it
 * @throws AppError invalid for names that are none
 */
export function build(context: BuildContext, request: BuildRequest, body: ByteSource): Source<BuildMessage> {
  const names = request.names.map(parseName);
  const controller = new AbortController();
  const stop = (): void => controller.abort();
  request.signal.addEventListener('abort', stop, { once: true });
  if (request.signal.aborted) stop();
  const queue = new MessageQueue<BuildMessage>(stop);
  const watcher: Watcher = { clock: context.clock, say: (message) => queue.push(message) };
  void context.builds
    .whileRunning(controller.signal, (signal) => run({ context, request, names, watcher, signal }, body))
    .catch((thrown: unknown) => queue.push(failure(thrown, shownDockerfile(request.dockerfile))))
    .finally(() => {
      body.cancel();
      request.signal.removeEventListener('abort', stop);
      queue.end();
    });
  return queue;
}

/** Moby: sanitizeRepoAndTags. @throws AppError invalid */
function parseName(text: string): Reference {
  const name = withDefaultTag(parseReference(text));
  if (name.digest !== null) throw new AppError('invalid', 'build tag cannot contain a digest');
  return name;
}

interface Building {
  readonly context: BuildContext;
  readonly request: BuildRequest;
  readonly names: readonly Reference[];
  readonly watcher: Watcher;
  readonly signal: AbortSignal;
}

async function run(building: Building, body: ByteSource): Promise<void> {
  const { context, request, watcher, signal } = building;
  const held = new DisposableStore();
  try {
    const files = await receive(building, body);
    held.add({ dispose: () => files.close() });
    const bases = baseImages(context, { watcher, signal, held, pulls: request.pulls, auths: request.auths });
    const definition = await dockerfileOf(building, files);
    if (request.call !== 'build') return await tellAbout(building, definition, bases.resolve);
    const plan = await makePlan(building, definition, bases.resolve);
    for (const warning of plan.warnings) warn(building, definition, warning);
    const solving = {
      images: context.builds,
      cache: context.cache,
      watcher,
      layersOf: bases.layersOf,
      workOf: stepWorks(context, { files, request, held, layersOf: bases.layersOf }),
      isSerial: request.isSerial,
      held,
    };
    const solved = await solve(solving, plan, signal);
    await exportAll(building, { plan, solved });
  } finally {
    held.dispose();
  }
}

function receive({ context, watcher, signal }: Building, body: ByteSource): Promise<ReceivedContext> {
  const vertex = new WatchedVertex(watcher, '[internal] load build context', [], String(watcher.clock.now()));
  return vertex.while(async () => {
    const done = vertex.status('transferring context:');
    let bytes = 0;
    const counted: ByteSource = {
      async read() {
        const chunk = await body.read();
        bytes += chunk?.length ?? 0;
        return chunk;
      },
      cancel: (reason) => body.cancel(reason),
    };
    const { inflate, random, builds, clock } = context;
    const { content, sha256 } = builds;
    const files = await receiveContext(counted, { content, sha256, inflate, random, now: unixSeconds(clock.now()), signal });
    done(bytes);
    return files;
  });
}

interface Definition {
  readonly text: string;
  readonly vertex: WatchedVertex;
}

function dockerfileOf({ request, watcher }: Building, files: ReceivedContext): Promise<Definition> {
  const { dockerfile } = request;
  const shown = shownDockerfile(dockerfile);
  const name = `[internal] load build definition from ${shown.slice(shown.lastIndexOf('/') + 1)}`;
  const vertex = new WatchedVertex(watcher, name, [], files.tree.treeDigest);
  return vertex.while(async () => {
    const done = vertex.status('transferring dockerfile:');
    const text = await files.readText(dockerfile);
    if (text === null) throw new AppError('invalid', `failed to read dockerfile: open ${dockerfile}: no such file or directory`);
    done(utf8(text).length);
    return { text, vertex };
  });
}

/** Steps of reading a text that came from outside. */
const mostSteps = 50_000_000;

async function makePlan(
  { context, request }: Building,
  { text }: Definition,
  resolve: ResolveBase,
  linter = new Linter(),
): Promise<BuildPlan> {
  const file = fileOf(text);
  const { buildArgs, target, labels, uncached } = request;
  const targetPlatform = parsePlatform(request.platform, context.builds.platform);
  return planBuild(
    file,
    {
      ...{ buildArgs, target, labels, uncached, targetPlatform },
      contexts: new Map(),
      buildPlatform: context.builds.platform,
      everyStage: request.call === 'check',
    },
    resolve,
    linter,
  );
}

/** @throws AppError invalid in BuildKit's words */
function fileOf(text: string): Dockerfile {
  if (text.trim() === '') throw new AppError('invalid', 'the Dockerfile cannot be empty');
  const steps = new Budget(mostSteps, 'the Dockerfile', 'invalid');
  return readStages(parseDockerfile(text, steps));
}

async function tellAbout(building: Building, definition: Definition, resolve: ResolveBase): Promise<void> {
  const { request, watcher } = building;
  const filename = shownDockerfile(request.dockerfile);
  const { text } = definition;
  const value =
    request.call === 'targets'
      ? targetsAnswer(text, fileOf(text))
      : await checkAnswer(filename, text, (linter) => makePlan(building, definition, resolve, linter));
  watcher.say({ kind: 'answer', value });
}

/** As BuildKit's frontend tells what its checks found. */
function warn({ request, watcher }: Building, { text, vertex }: Definition, { rule, description, detail, url, lines }: Warning): void {
  watcher.say({
    kind: 'warning',
    vertex: vertex.digest,
    short: `${rule}: ${detail} (line ${lines.start})`,
    detail: [description],
    url,
    filename: shownDockerfile(request.dockerfile),
    source: utf8(text),
    ranges: [lines],
  });
}

function failure(thrown: unknown, filename: string): BuildFailure {
  const { message, detail } = toAppError(thrown);
  const { line, endLine, exitCode, command } = detail;
  const hasExit = typeof exitCode === 'number' && typeof command === 'string';
  const lines = typeof line === 'number' ? { start: line, end: typeof endLine === 'number' ? endLine : line } : null;
  return {
    kind: 'failure',
    message,
    exit: hasExit ? { code: exitCode, command } : null,
    source: lines === null ? null : { filename, lines },
  };
}
