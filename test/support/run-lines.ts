import { expect } from 'vitest';
import type { LocalPlayground } from '../../src/worker/playground.ts';

/** What the guest's shell does with a line and prints; one that fails fails the test. @param playground looked up when a line is run */
export function runLines(playground: () => LocalPlayground): (line: string) => Promise<string> {
  let runs = 0;
  return async (line) => {
    const { exitCode, stdout, stderr } = await playground().lines.run(line, { id: `run ${(runs += 1)}` });
    expect(exitCode, `${line}: ${stderr}${stdout}`).toBe(0);
    return stdout;
  };
}
