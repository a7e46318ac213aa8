/** What a build tells, as `POST /build` answers: in the classic builder's lines, or in BuildKit's messages. */
import { AppError } from '../base/errors.ts';
import { concatBytes, fromUtf8 } from '../base/bytes.ts';
import type { ByteSource } from '../base/streams.ts';
import { encodeBase64Bytes } from '../grammar/base64.ts';
import type { BuildArchive, BuildFailure, BuildMessage, BuildResult, BuildVertex } from '../protocol/build-progress.ts';
import { encodeTrace } from '../protocol/buildkit/trace.ts';
import type { Source } from './backend.ts';
import { encoded } from './byte-stream.ts';
import { utf8 } from '../base/bytes.ts';

/** Moby: builder-next, BuilderVersion 2. */
export function tracedAnswer(messages: Source<BuildMessage>): ByteSource {
  let archive: BuildArchive | null = null;
  return {
    async read() {
      for (;;) {
        if (archive !== null) {
          const { output, source }: BuildArchive = archive;
          // One that fails is told as the build's failure.
          const piece = await source.read().catch(() => 'failed' as const);
          if (piece === null || piece === 'failed') archive = null;
          if (piece === 'failed' || piece?.length === 0) continue;
          return concatBytes([
            lines([{ id: 'drydock.output', aux: { Output: output, Bytes: piece?.length ?? 0 } }]),
            piece ?? new Uint8Array(),
          ]);
        }
        const message = await messages.read();
        if (message?.kind !== 'archive') return message === null ? null : lines(traced(message));
        archive = message;
      }
    },
    cancel(reason) {
      archive?.source.cancel(reason);
      messages.cancel();
    },
  };
}

function traced(message: Exclude<BuildMessage, BuildArchive>): readonly unknown[] {
  switch (message.kind) {
    case 'image':
      return [{ id: 'moby.image.id', aux: { ID: message.id } }];
    case 'answer':
      return [{ id: 'drydock.answer', aux: message.value }];
    case 'failure':
      return [failed(message.message, { source: message.source })];
    default:
      return [{ id: 'moby.buildkit.trace', aux: encodeBase64Bytes(encodeTrace(message)) }];
  }
}

/** @param more what a program can use beside Docker's fields */
function failed(message: string, more: Readonly<Record<string, unknown>>): { readonly error: string; readonly errorDetail: unknown } {
  const given = Object.fromEntries(Object.entries(more).filter(([, value]) => value !== null));
  return { errorDetail: { ...given, message }, error: message };
}

/**
 * Moby: builder/dockerfile, with a step for what makes a layer.
 * @param isQuiet only the ID; where it fails, all that would have been told
 * @throws AppError invalid where nothing was told by then, as moby answers
 */
export async function classicAnswer(messages: Source<BuildMessage>, { isQuiet }: { readonly isQuiet: boolean }): Promise<ByteSource> {
  const text = new ClassicText(isQuiet);
  let first: readonly unknown[] = [];
  for (let message = await messages.read(); message !== null; message = await messages.read()) {
    first = text.of(message);
    if (message.kind === 'failure' && first.length === 1) throw new AppError('invalid', text.failure(message).error);
    if (first.length > 0) break;
  }
  const rest = encoded(messages, (message) => lines(text.of(message)));
  let begun: Uint8Array | null = lines(first);
  return {
    read() {
      const now = begun;
      begun = null;
      return now === null ? rest.read() : Promise.resolve(now);
    },
    cancel: (reason) => rest.cancel(reason),
  };
}

/** "[stage 2/5] RUN true" */
const numbered = /^\[(?:[^\]]* )?(\d+)\/(\d+)\] (.*)$/s;

/** Characters that a quiet build keeps for its failure. */
const mostHeld = 2 ** 20;

class ClassicText {
  readonly #isQuiet: boolean;
  readonly #held: unknown[] = [];
  #heldLength = 0;
  /** Names of vertices by digest: of those that are steps. */
  readonly #steps = new Map<string, string>();
  readonly #begun = new Set<string>();

  constructor(isQuiet: boolean) {
    this.#isQuiet = isQuiet;
  }

  of(message: BuildMessage): readonly unknown[] {
    switch (message.kind) {
      case 'vertex':
        return this.#told(this.#vertex(message));
      case 'log':
        return this.#steps.has(message.vertex) ? this.#told([{ stream: fromUtf8(message.data) }]) : [];
      case 'image':
        return this.#image(message);
      case 'failure':
        return [...this.#held.splice(0), this.failure(message)];
      default:
        return [];
    }
  }

  /** What a quiet build has to say is kept, the beginning of it. */
  #told(said: readonly { readonly stream: string }[]): readonly unknown[] {
    if (!this.#isQuiet) return said;
    for (const each of said) {
      this.#heldLength += each.stream.length;
      if (this.#heldLength <= mostHeld) this.#held.push(each);
    }
    return [];
  }

  failure({ message, exit }: BuildFailure): ReturnType<typeof failed> {
    return exit === null
      ? failed(message, {})
      : failed(`The command '${exit.command}' returned a non-zero code: ${exit.code}`, { code: exit.code });
  }

  #vertex({ digest, name, cached }: BuildVertex): readonly { readonly stream: string }[] {
    if (this.#begun.has(digest)) return [];
    this.#begun.add(digest);
    const [, number, total, text = ''] = numbered.exec(name) ?? [];
    const isAlone = number === undefined && /^[A-Z]+ /.test(name);
    if (number === undefined && !isAlone) return [];
    const step = isAlone ? `1/1 : ${name}` : `${number}/${total} : ${text}`;
    this.#steps.set(digest, step);
    return [{ stream: `Step ${step}` }, { stream: '\n' }, ...(cached ? [{ stream: ' ---\u003e Using cache\n' }] : [])];
  }

  #image({ id, names, unusedArguments }: BuildResult): readonly unknown[] {
    if (this.#isQuiet) return [{ aux: { ID: id } }, { stream: `${id}\n` }];
    const unused = `[Warning] One or more build-args [${unusedArguments.join(' ')}] were not consumed\n`;
    return [
      { aux: { ID: id } },
      ...(unusedArguments.length > 0 ? [{ stream: unused }] : []),
      { stream: `Successfully built ${id.replace('sha256:', '').slice(0, 12)}\n` },
      ...names.map((name) => ({ stream: `Successfully tagged ${name}\n` })),
    ];
  }
}

function lines(values: readonly unknown[]): Uint8Array {
  return utf8(values.map((value) => `${JSON.stringify(value)}\r\n`).join(''));
}
