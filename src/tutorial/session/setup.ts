import { utf8 } from '../../base/bytes.ts';
import { AppError } from '../../base/errors.ts';
import type { ContainerInspect } from '../../protocol/engine-api.ts';
import type { GuestActions, EngineSnapshot, FactSource } from '../facts.ts';
import type { SetupContainer, SetupOperation } from '../format/setup.ts';
import { findImage, imageAliases, normaliseReference } from '../references.ts';

/** An operation whose container is described, not only named. */
export type WholeOperation = Exclude<SetupOperation, { create: unknown }> | { readonly create: SetupContainer };

/**
 * A step's setup, with what it names of the tutorial's: a container that is named, or to be started, comes back as it was described if the learner removed it.
 * @param tutorial operations of the tutorial's setup
 */
export function wholeSetup(own: readonly SetupOperation[], tutorial: readonly SetupOperation[] = []): readonly WholeOperation[] {
  const described = (operations: readonly SetupOperation[], name: string): { readonly create: SetupContainer }[] =>
    operations.flatMap((operation) =>
      'create' in operation && typeof operation.create !== 'string' && operation.create.name === name ? [{ create: operation.create }] : [],
    );
  return own.flatMap((operation): readonly WholeOperation[] => {
    if ('start' in operation)
      return [...(described(own, operation.start).length > 0 ? [] : described(tutorial, operation.start)), operation];
    if (!('create' in operation)) return [operation];
    return typeof operation.create === 'string' ? described(tutorial, operation.create) : [{ create: operation.create }];
  });
}

interface SetupContext {
  readonly facts: Pick<FactSource, 'sync'>;
  readonly guest: Pick<GuestActions, 'exec' | 'writeFiles'>;
}

/**
 * Has everything there, by the same `docker` as the learner's but in no terminal. What is so already is left alone, so that it can be carried out again after
 * a failure and at every entry.
 * @param label names the runs
 * @throws AppError `unavailable` with what the command said, `cancelled` when the guest is reset meanwhile
 */
export async function carryOut(operations: readonly WholeOperation[], { facts, guest }: SetupContext, label: string): Promise<void> {
  for (const [index, operation] of operations.entries()) {
    if ('files' in operation) {
      const files = Object.entries(operation.files);
      await guest.writeFiles(files.map(([path, text]) => ({ path, bytes: utf8(text), mode: 0o644 })));
      continue;
    }
    const command = commandFor(operation, await facts.sync());
    if (command === null) continue;
    const { exitCode, stderr } = await guest.exec(command, { id: `setup-${label}-${index}` });
    if (exitCode !== 0) throw new AppError('unavailable', lastLine(stderr) ?? `${command}: ${exitCode}`, { detail: { command, exitCode } });
  }
}

const lastLine = (text: string): string | undefined => text.trim().split('\n').at(-1) || undefined;

/** The line of the guest's shell that makes it so; null when it is. */
function commandFor(operation: Exclude<WholeOperation, { files: unknown }>, engine: EngineSnapshot): string | null {
  if ('pull' in operation) return findImage(engine.images, operation.pull) === undefined ? docker(['pull', '-q', operation.pull]) : null;
  const named = (name: string): ContainerInspect | undefined => engine.containers.find(({ Name }) => Name === `/${name}`);
  if ('start' in operation) return named(operation.start)?.State.Running === true ? null : docker(['start', operation.start]);
  const { create } = operation;
  const there = named(create.name);
  if (there === undefined) return docker(createWords(create));
  if (isMadeSo(there, create, engine)) return null;
  return `${docker(['rm', '-f', create.name])} && ${docker(createWords(create))}`;
}

/** Image and command tell a container of the setup from one that the learner gave the same name. */
function isMadeSo({ Config, Image }: ContainerInspect, { image, command }: SetupContainer, { images }: EngineSnapshot): boolean {
  const same = imageAliases(images, Config.Image, Image).includes(normaliseReference(image));
  return same && (command === undefined || JSON.stringify(Config.Cmd) === JSON.stringify(command));
}

function createWords({ name, image, command = [], env, labels, init, tty, ...texts }: SetupContainer): readonly string[] {
  const pairs = (flag: string, map: Readonly<Record<string, string>> = {}): string[] =>
    Object.entries(map).flatMap(([key, value]) => [flag, `${key}=${value}`]);
  const flags = Object.entries(texts).flatMap(([flag, value]) => (value === undefined ? [] : [`--${flag}`, value]));
  const switches = [...(init === true ? ['--init'] : []), ...(tty === true ? ['--tty'] : [])];
  return ['create', '--name', name, ...pairs('--env', env), ...pairs('--label', labels), ...flags, ...switches, image, ...command];
}

/** Every word is quoted for the shell: a tutorial is data, also one that came by a link. */
const docker = (words: readonly string[]): string => ['docker', ...words.map(quoted)].join(' ');

const quoted = (word: string): string => (/^[\w./:=@%+,-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`);
