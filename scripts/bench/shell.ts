import { fromUtf8, utf8 } from '../../src/base/bytes.ts';
import type { LocalPlayground } from '../../src/worker/playground.ts';
import { duplexOverPort } from '../../src/protocol/port-stream.ts';

export interface Cost {
  readonly instructions: number;
  readonly milliseconds: number;
  readonly output: string;
}

/** A shell on a terminal of the guest; lines are typed as a person would. */
export interface Shell {
  /** Types a line and waits until the shell has run it. */
  run(line: string): Promise<Cost>;
  close(): Promise<void>;
}

export async function openShell(playground: LocalPlayground): Promise<Shell> {
  const { id, port } = await playground.terminals.open({ rows: 24, columns: 200 });
  const { source, sink } = duplexOverPort(port);
  let marks = 0;
  let seen = '';
  const until = async (mark: string): Promise<string> => {
    for (;;) {
      const at = seen.indexOf(mark);
      if (at >= 0) {
        const before = seen.slice(0, at);
        seen = seen.slice(at + mark.length);
        return before;
      }
      const chunk = await source.read();
      if (chunk === null) throw new Error('the shell ended');
      seen += fromUtf8(chunk);
    }
  };
  const run = async (line: string): Promise<Cost> => {
    marks += 1;
    const machine = playground.host.machine;
    const before = machine.instructions();
    const started = performance.now();
    // The quotes keep the echo of what is typed from being taken for the shell's answer.
    await sink.write(utf8(`${line}; echo ma''rk-${marks}-\r`));
    const output = await until(`mark-${marks}-\r\n`);
    return { instructions: (machine.instructions() - before) >>> 0, milliseconds: performance.now() - started, output };
  };
  await run('true');
  return { run, close: () => playground.terminals.close(id) };
}
