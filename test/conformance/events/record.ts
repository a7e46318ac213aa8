/**
 * `npx tsx test/conformance/events/record.ts unix:///path/of/docker.sock [scenario|filters]`: writes down what a real engine that has busybox, and where
 * nobody else works, tells.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { words } from '../../cli/oracle/cases.ts';
import { filterArgs, filterFormat, filterLines, filterScenario, shownEvents } from './filters.ts';
import { eventLine, scenario } from './scenario.ts';

const host = process.argv[2] ?? '';
const docker = (...args: readonly string[]): string =>
  execFileSync('docker', ['-H', host, ...args], { encoding: 'utf8', timeout: 15_000, killSignal: 'SIGKILL' });

const now = (): string => (Date.now() / 1000).toFixed(6);

async function perform(line: string): Promise<void> {
  spawnSync('docker', ['-H', host, ...words(line)], { timeout: 15_000, killSignal: 'SIGKILL', stdio: 'ignore' });
  // What a container's end brings with it comes after the client's.
  await sleep(400);
}

function write(name: string, recorded: readonly string[]): void {
  writeFileSync(new URL(`./${name}`, import.meta.url), `${recorded.join('\n')}\n`);
}

async function recordScenario(): Promise<void> {
  const recorded: string[] = [];
  for (const line of scenario) {
    const since = now();
    await perform(line);
    const told = docker('events', '--since', since, '--until', now(), '--format', '{{json .}}');
    recorded.push(
      `# ${line}`,
      ...told
        .split('\n')
        .filter((text) => text !== '')
        .map(eventLine),
    );
  }
  write('recorded.txt', recorded);
}

async function recordFilters(): Promise<void> {
  const since = now();
  for (const line of filterScenario) await perform(line);
  const until = now();
  const recorded = filterLines.flatMap((filters) => [
    `# ${filters.join(' ')}`,
    ...shownEvents(docker('events', '--since', since, '--until', until, ...filterArgs(filters), '--format', filterFormat)),
  ]);
  write('recorded-filters.txt', recorded);
}

const [, , , only] = process.argv;
if (only !== 'filters') await recordScenario();
if (only !== 'scenario') await recordFilters();
