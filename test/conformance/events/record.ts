/** `npx tsx test/conformance/events/record.ts unix:///path/of/docker.sock`: writes down what a real engine that has busybox, and where nobody else works, tells. */
import { execFileSync, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { words } from '../../cli/oracle/cases.ts';
import { eventLine, scenario } from './scenario.ts';

const host = process.argv[2] ?? '';
const docker = (...args: readonly string[]): string =>
  execFileSync('docker', ['-H', host, ...args], { encoding: 'utf8', timeout: 15_000, killSignal: 'SIGKILL' });

const recorded: string[] = [];
for (const line of scenario) {
  const since = (Date.now() / 1000).toFixed(6);
  spawnSync('docker', ['-H', host, ...words(line)], { timeout: 15_000, killSignal: 'SIGKILL', stdio: 'ignore' });
  // What a container's end brings with it comes after the client's.
  await sleep(400);
  const told = docker('events', '--since', since, '--until', (Date.now() / 1000).toFixed(6), '--format', '{{json .}}');
  recorded.push(
    `# ${line}`,
    ...told
      .split('\n')
      .filter((text) => text !== '')
      .map(eventLine),
  );
}
writeFileSync(new URL('./recorded.txt', import.meta.url), `${recorded.join('\n')}\n`);
