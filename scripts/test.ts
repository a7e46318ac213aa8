/**
 * `npm test`: every test. Makes the boot state first when it is missing or stale. Arguments go to vitest, e.g. `npm test -- --project unit`.
 * Closes with one line `N passed, N failed, N skipped`.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { ensureChromium } from './find-chromium.ts';
import { prepareGuest } from '../src/worker/node/prepare-guest.ts';

interface Report {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numTodoTests: number;
  readonly numFailedTestSuites: number;
}

const args = process.argv.slice(2);
const projects = args.flatMap((arg, index) => {
  if (arg === '--project') return [args[index + 1] ?? ''];
  return arg.startsWith('--project=') ? [arg.slice('--project='.length)] : [];
});
const wants = (project: string): boolean => projects.length === 0 || projects.includes(project);

if (wants('e2e')) ensureChromium();
if (wants('e2e') || wants('guest')) await prepareGuest((line) => console.log(line));

const file = '.cache/test-report.json';
mkdirSync('.cache', { recursive: true });
rmSync(file, { force: true });
const run = spawnSync(
  'npx',
  ['--no-install', 'vitest', 'run', '--reporter=default', '--reporter=json', `--outputFile.json=${file}`, ...args],
  {
    stdio: 'inherit',
  },
);

let report: Report;
try {
  report = JSON.parse(readFileSync(file, 'utf8')) as Report;
} catch {
  console.error('vitest left no report');
  process.exit(1);
}
const failed = report.numFailedTests === 0 && run.status !== 0 ? Math.max(1, report.numFailedTestSuites) : report.numFailedTests;
console.log(`${report.numPassedTests} passed, ${failed} failed, ${report.numPendingTests + report.numTodoTests} skipped`);
process.exit(run.status ?? 1);
