/** `--progress rawjson`: what the engine tells, a line of JSON for each message (moby/buildkit: client.SolveStatus). */
import { encodeBase64, encodeBase64Bytes } from '../../grammar/base64.ts';
import { rfc3339Nano } from '../../grammar/time.ts';
import type { TraceMessage } from '../../protocol/buildkit/trace.ts';
import type { Display } from './display.ts';
import { QuietDisplay } from './quiet.ts';

export class RawJsonDisplay implements Display {
  readonly #heard = new QuietDisplay();
  readonly #print: (text: string) => Promise<void>;

  constructor(print: (text: string) => Promise<void>) {
    this.#print = print;
  }

  get vertices(): Display['vertices'] {
    return this.#heard.vertices;
  }

  begin(): Promise<void> {
    return Promise.resolve();
  }

  async hear(message: TraceMessage): Promise<void> {
    await this.#heard.hear(message);
    await this.#print(`${JSON.stringify(jsonOf(message))}\n`);
  }

  end(): Promise<void> {
    return Promise.resolve();
  }
}

function jsonOf(message: TraceMessage): unknown {
  switch (message.kind) {
    case 'vertex': {
      const { digest, inputs, name, cached, error, started, completed } = message;
      const more = { ...(cached ? { cached } : {}), ...(error === '' ? {} : { error }) };
      return {
        vertexes: [
          { digest, ...(inputs.length > 0 ? { inputs } : {}), name, ...time('started', started), ...time('completed', completed), ...more },
        ],
      };
    }
    case 'status': {
      const { id, vertex, current, total, timestamp, started, completed } = message;
      const times = { ...time('timestamp', timestamp), ...time('started', started), ...time('completed', completed) };
      return { statuses: [{ id, vertex, current, ...(total > 0 ? { total } : {}), ...times }] };
    }
    case 'log': {
      const { vertex, stream, data, timestamp } = message;
      return { logs: [{ vertex, stream: stream === 'stdout' ? 1 : 2, data: encodeBase64Bytes(data), ...time('timestamp', timestamp) }] };
    }
    case 'warning': {
      const { vertex, short, url, filename, source, ranges } = message;
      const range = ranges.map(({ start, end }) => ({ start: { line: start }, end: { line: end } }));
      const info = { filename, data: encodeBase64Bytes(source) };
      return {
        warnings: [
          { vertex, level: 1, short: encodeBase64(short), detail: message.detail.map(encodeBase64), url, sourceInfo: info, range },
        ],
      };
    }
  }
}

function time(name: string, value: bigint | null): Readonly<Record<string, string>> {
  return value === null ? {} : { [name]: rfc3339Nano(value) };
}
