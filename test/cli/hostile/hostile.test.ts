/** A gross limit only, against hangs: what each parser costs is counted in src/cli/hostile.test.ts, what a pattern may cost is linted. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

test('thousands of hostile words, files and answers neither stop nor end the client, nor make it speak JavaScript', async () => {
  const script = fileURLToPath(new URL('./attack.ts', import.meta.url));
  const output = await new Promise<string>((resolve, reject) =>
    execFile(
      process.execPath,
      ['--import', 'tsx', script],
      { timeout: 80_000, killSignal: 'SIGKILL', maxBuffer: 1 << 24 },
      (error, stdout, stderr) => (error === null ? resolve(stdout) : reject(new Error(`${stdout}${stderr}`, { cause: error }))),
    ),
  );
  expect(output).toMatch(/^\d{4,} attacks, slowest \d+ ms: .*\n$/);
});
