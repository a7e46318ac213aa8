import { expect, test } from 'vitest';
import { utf8 } from '../base/bytes.ts';
import { ConsoleLog } from './console.ts';

function print(log: ConsoleLog, text: string): void {
  for (const byte of utf8(text)) log.push(byte);
}

test('bytes become lines', () => {
  const log = new ConsoleLog();
  const lines: string[] = [];
  log.output((line) => lines.push(line));
  print(log, 'Linux version\r\nRun /init\r\nhal');
  expect(lines).toEqual(['Linux version\n', 'Run /init\n']);
  expect(log.text).toBe('Linux version\nRun /init\nhal');
});

test('the last 64 KiB are kept', () => {
  const log = new ConsoleLog();
  for (let line = 0; line < 10_000; line++) print(log, `line ${line}\n`);
  expect(log.text.length).toBe(64 * 1024);
  expect(log.text.endsWith('line 9999\n')).toBe(true);
});

test("a kernel's panic is told with its line", () => {
  const log = new ConsoleLog();
  const panics: string[] = [];
  log.panicked((line) => panics.push(line));
  print(log, '[ 1.0] panic_on_warn=0\n[ 2.0] Kernel panic - not syncing: Attempted to kill init!\n');
  expect(panics).toEqual(['[ 2.0] Kernel panic - not syncing: Attempted to kill init!']);
});
