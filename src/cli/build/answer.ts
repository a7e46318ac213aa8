/** The answer of `POST /build?version=2`: JSON lines, of which some carry what BuildKit tells, and pieces of outputs behind lines that say how long they are. */
import { concatBytes, fromUtf8 } from '../../base/bytes.ts';
import { AppError } from '../../base/errors.ts';
import type { ByteSource } from '../../base/streams.ts';
import { decodeBase64Bytes } from '../../grammar/base64.ts';
import type { BuildLines } from '../../protocol/build-progress.ts';
import { decodeTrace, type TraceMessage } from '../../protocol/buildkit/trace.ts';
import { JsonView, parseJson } from '../json.ts';
import type { Receiver } from './outputs.ts';

export interface BuildOutcome {
  /** '' where no image came out. */
  readonly id: string;
  /** What was asked in place of a build. */
  readonly answer: JsonView | null;
  /** null: it went well. */
  readonly failure: { readonly message: string; readonly lines: BuildLines | null } | null;
}

export interface BuildListener {
  /** Each message as it comes. */
  readonly heard: (message: TraceMessage) => Promise<void>;
  /** For the output of that index, once its first piece comes. */
  readonly receiver: (output: number) => Receiver;
}

/** @throws AppError invalid for messages that are none; why an output is not kept */
export async function readAnswer(body: ByteSource, { heard, receiver }: BuildListener): Promise<BuildOutcome> {
  let id = '';
  let answer: JsonView | null = null;
  let failure: BuildOutcome['failure'] = null;
  const reader = new LineReader(body);
  const open = new Map<number, Receiver>();
  try {
    for (let text = await reader.line(); text !== null; text = await reader.line()) {
      if (text.trim() === '') continue;
      const line = new JsonView(parseJson(text));
      if (line.string('error') !== '') failure = failureOf(line);
      switch (line.string('id')) {
        case 'moby.buildkit.trace':
          for (const each of decodeTrace(decodeBase64Bytes(line.string('aux')))) await heard(each);
          break;
        case 'moby.image.id':
          id = line.get('aux').string('ID');
          break;
        case 'drydock.answer':
          answer = line.get('aux');
          break;
        case 'drydock.output':
          await takePiece(reader, line.get('aux'), { open, receiver });
      }
    }
    const [cut] = open.values();
    if (cut !== undefined && failure === null) throw new AppError('invalid', 'the answer to the build ended before its outputs did');
  } catch (thrown) {
    body.cancel(thrown);
    throw thrown;
  } finally {
    for (const each of open.values()) each.abort(new AppError('cancelled', failure?.message ?? 'the build did not come to its end'));
  }
  return { id, answer, failure };
}

function failureOf(line: JsonView): BuildOutcome['failure'] {
  const lines = line.get('errorDetail').get('source').get('lines');
  const range = { start: lines.number('start'), end: lines.number('end') };
  return { message: line.string('error'), lines: range.start > 0 ? range : null };
}

interface Outputs {
  readonly open: Map<number, Receiver>;
  readonly receiver: BuildListener['receiver'];
}

async function takePiece(reader: LineReader, about: JsonView, { open, receiver }: Outputs): Promise<void> {
  const output = about.number('Output');
  const bytes = about.number('Bytes');
  const taking = open.get(output) ?? receiver(output);
  open.set(output, taking);
  if (bytes > 0) return reader.pass(bytes, (piece) => taking.write(piece));
  await taking.end();
  open.delete(output);
}

class LineReader {
  readonly #source: ByteSource;
  #rest: Uint8Array = new Uint8Array();

  constructor(source: ByteSource) {
    this.#source = source;
  }

  /** null at the end */
  async line(): Promise<string | null> {
    const parts: Uint8Array[] = [];
    for (;;) {
      const end = this.#rest.indexOf(newline);
      if (end >= 0) {
        parts.push(this.#rest.subarray(0, end));
        this.#rest = this.#rest.subarray(end + 1);
        return fromUtf8(concatBytes(parts));
      }
      parts.push(this.#rest);
      const chunk = await this.#source.read();
      this.#rest = chunk ?? new Uint8Array();
      if (chunk === null) return parts.some(({ length }) => length > 0) ? fromUtf8(concatBytes(parts)) : null;
    }
  }

  async pass(bytes: number, take: (piece: Uint8Array) => Promise<void>): Promise<void> {
    for (let left = bytes; left > 0;) {
      if (this.#rest.length === 0) this.#rest = (await this.#source.read()) ?? new Uint8Array();
      if (this.#rest.length === 0) throw new AppError('invalid', 'the answer to the build was cut');
      const piece = this.#rest.subarray(0, left);
      this.#rest = this.#rest.subarray(piece.length);
      left -= piece.length;
      await take(piece);
    }
  }
}

const newline = 10;
