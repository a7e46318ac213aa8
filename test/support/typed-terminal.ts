import { fromUtf8, utf8 } from '../../src/base/bytes.ts';
import { duplexOverPort } from '../../src/protocol/port-stream.ts';
import type { LocalPlayground } from '../../src/worker/playground.ts';
import { plainText } from './plain-text.ts';

export interface TypedTerminal {
  readonly id: number;
  type(keys: string): Promise<void>;
  /** Everything since the last call, up to and with the pattern. */
  until(pattern: RegExp): Promise<string>;
  /** All that came so far, with the sequences that colour it and mark its prompts. */
  raw(): string;
  /** Reads no more. */
  leave(): void;
}

/** A terminal of the guest's, 30 rows and 90 columns. */
export async function openTerminal(playground: LocalPlayground): Promise<TypedTerminal> {
  const { id, port } = await playground.terminals.open({ rows: 30, columns: 90 });
  const { source, sink } = duplexOverPort(port);
  let seen = '';
  let raw = '';
  return {
    id,
    type: (keys) => sink.write(utf8(keys)),
    raw: () => raw,
    leave: () => source.cancel(),
    async until(pattern) {
      for (;;) {
        const found = pattern.exec(seen);
        if (found !== null) {
          const end = found.index + found[0].length;
          const text = seen.slice(0, end);
          seen = seen.slice(end);
          return text;
        }
        const chunk = await source.read();
        if (chunk === null) throw new Error(`the terminal ended; it showed: ${seen}`);
        raw += fromUtf8(chunk);
        seen = plainText(seen + fromUtf8(chunk));
      }
    },
  };
}
