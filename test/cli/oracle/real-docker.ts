import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { serve } from '../../../src/api/http1.ts';
import { withoutVersion, type RecordedEngine } from '../../../src/cli/testing/recorded-engine.ts';
import { listen } from '../../../src/worker/node/listen.ts';
import { cliEngine } from '../engine.ts';
import type { OracleCase, Outcome } from './cases.ts';

const goldenVersion = '28.2.2';

/** Why the real client cannot be asked here; null if it can. */
export function whyNoRealDocker(): string | null {
  try {
    const version = execFileSync('docker', ['--version'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
    return version.includes(goldenVersion) ? null : `docker is ${version.trim()}, the goldens are of ${goldenVersion}`;
  } catch {
    return 'no docker client on this machine';
  }
}

/** A configuration of the real client with buildx among its plugins, which `docker build` is compared with; goldens are made anew only with it. */
export const buildxConfig = process.env['DOCKER_CONFIG_WITH_BUILDX'];

/** Of a `docker build` at any of its places, without `docker`. */
export function isOfBuildx(line: string): boolean {
  return /^(?:builder |buildx |image )?build(?: |$)/.test(line);
}

/** What the real client does with a case, against the same engine on a socket. */
export async function runReal(test: OracleCase): Promise<Outcome> {
  const folder = mkdtempSync(join(tmpdir(), 'oracle-'));
  const engine = await cliEngine(test.engine);
  const own = test.env === undefined ? {} : { env: test.env };
  const socket = join(folder, 'docker.sock');
  const served = await listen({ kind: 'unix', path: socket }, (connection) =>
    serve(connection, engine.handler, { transport: 'unix', probeMilliseconds: 20 }),
  );
  try {
    for (const [name, text] of Object.entries(test.files ?? {})) {
      mkdirSync(dirname(join(folder, name)), { recursive: true });
      writeFileSync(join(folder, name), text);
    }
    for (const before of test.before ?? []) await spawnDocker({ folder, socket, ...own }, before, '');
    engine.requests.length = 0;
    const result = await spawnDocker({ folder, socket, ...own }, test.argv, test.stdin ?? '');
    const placed = (text: string): string => text.replaceAll(folder, '/root');
    return { ...result, stdout: placed(result.stdout), stderr: placed(result.stderr), requests: requestsOf(engine) };
  } finally {
    await served.close();
    rmSync(folder, { recursive: true });
  }
}

export function requestsOf(engine: RecordedEngine): Outcome['requests'] {
  return engine.requests
    .filter((request) => !request.target.endsWith('/_ping'))
    .map(({ method, target, body }) => ({ method, target: withoutVersion(target), body }));
}

/** Where a client runs, and what it finds in its environment. */
export interface Place {
  readonly folder: string;
  readonly socket: string;
  readonly env?: Readonly<Record<string, string>>;
}

export function spawnDocker(place: Place, argv: readonly string[], stdin: string): Promise<Omit<Outcome, 'requests'>> {
  const { folder, socket } = place;
  const env = {
    PATH: process.env['PATH'] ?? '',
    HOME: '/root',
    DOCKER_CONFIG: folder,
    DOCKER_HOST: `unix://${socket}`,
    TZ: 'UTC',
    FROM_HERE: 'yes',
    ...place.env,
  };
  const child = spawn('docker', argv, { cwd: folder, env });
  const output = { stdout: '', stderr: '' };
  child.stdout.on('data', (chunk: Buffer) => (output.stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (output.stderr += chunk.toString()));
  child.stdin.on('error', () => undefined);
  child.stdin.end(stdin);
  return new Promise((resolve) => child.on('close', (code) => resolve({ status: code ?? -1, ...output })));
}
