/** The lines of test/conformance/introduction, typed in order at a terminal of one guest. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fromUtf8, utf8 } from '../../../src/base/bytes.ts';
import type { ByteSink } from '../../../src/base/streams.ts';
import { duplexOverPort } from '../../../src/protocol/port-stream.ts';
import { createNodePlayground } from '../../../src/worker/node/playground.ts';
import type { LocalPlayground } from '../../../src/worker/playground.ts';
import { readIntroduction, type IntroductionLine } from '../../conformance/introduction/lines.ts';
import { plainText } from '../../support/plain-text.ts';

/** The shell's prompt with the status of the line before. */
const prompt = /<(\d+)># $/;

describe('an introduction to Docker works as typed', () => {
  let playground: LocalPlayground;
  let sink: ByteSink;
  let seen = '';
  const wakes = new Set<() => void>();

  beforeAll(async () => {
    playground = await createNodePlayground();
    const { port } = await playground.terminals.open({ rows: 50, columns: 200 });
    const terminal = duplexOverPort(port);
    sink = terminal.sink;
    void collect(async () => terminal.source.read());
    await type("cd; PROMPT_COMMAND= PS1='<$?># '\r");
    await shown(/<\d+># $/);
  });
  afterAll(() => playground.dispose());

  async function collect(read: () => Promise<Uint8Array | null>): Promise<void> {
    for (let chunk = await read(); chunk !== null; chunk = await read()) {
      seen = plainText(seen + fromUtf8(chunk));
      for (const wake of wakes) wake();
    }
  }

  function type(keys: string): Promise<void> {
    return sink.write(utf8(keys));
  }

  /** Resolves with what the screen showed since, once that ends as the pattern says. */
  async function shown(pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const found = pattern.exec(seen.replaceAll('\r', ''));
      if (found !== null) return found;
      await new Promise<void>((resolve) => {
        const wake = (): void => {
          wakes.delete(wake);
          resolve();
        };
        wakes.add(wake);
      });
    }
  }

  async function play({ line, keys }: IntroductionLine): Promise<{ readonly status: number; readonly text: string }> {
    seen = '';
    await type(`${line}\r`);
    let before = '';
    for (const { keys: typed, after } of keys) {
      await shown(after);
      before += seen;
      seen = '';
      await type(typed);
    }
    const [, status = ''] = await shown(prompt);
    return { status: Number(status), text: (before + seen).replaceAll('\r', '') };
  }

  for (const { title, lines } of readIntroduction())
    test(title, async () => {
      for (const line of lines) {
        const { status, text } = await play(line);
        const missing = line.shows.filter((pattern) => !pattern.test(text));
        expect({ line: line.line, status, missing, text }).toEqual({ line: line.line, status: line.status, missing: [], text });
      }
    });
});
