import { afterAll, beforeAll, expect, test } from 'vitest';
import { createNodePlayground } from '../../../src/worker/node/playground.ts';
import type { LocalPlayground } from '../../../src/worker/playground.ts';
import { runLines } from '../../support/run-lines.ts';

let playground: LocalPlayground;
beforeAll(async () => {
  playground = await createNodePlayground();
  await run('docker pull -q busybox');
});
afterAll(() => playground.dispose());

const runLine = runLines(() => playground);
const run = async (line: string): Promise<string> => (await runLine(line)).trim();
const health = (format: string): Promise<string> => run(`docker inspect -f '${format}' web`);
const patient = { timeout: 60_000 };

test('a container is probed by programs that run in it: what they find is its health, and nothing of them is left when it stops', async () => {
  await run(
    `docker run -d --name web --health-cmd 'echo seen by $(hostname); test -f /ok' --health-interval 1s --health-timeout 5s --health-retries 1 --hostname inside busybox sleep 1000`,
  );
  await expect.poll(() => health('{{.State.Health.Status}}'), patient).toBe('unhealthy');
  expect(await health('{{(index .State.Health.Log 0).ExitCode}} {{(index .State.Health.Log 0).Output}}')).toBe('1 seen by inside');
  await run('docker exec web touch /ok');
  await expect.poll(() => health('{{.State.Health.Status}} {{.State.Health.FailingStreak}}'), patient).toBe('healthy 0');
  expect(await run(`docker ps --filter health=healthy --format '{{.Names}} {{.Status}}'`)).toMatch(/^web Up .* \(healthy\)$/);
  // A duration counts in whole seconds, as Docker's does.
  const events = (): Promise<string> => run(`docker events --since 1h --until 0s --filter event=health_status --format '{{.Action}}'`);
  await expect.poll(events, patient).toBe('health_status: unhealthy\nhealth_status: healthy');
  await run('docker stop -t 0 web');
  expect(await health('{{.State.Health.Status}}')).toBe('unhealthy');
  await run('docker rm web');
});

test('a probe that takes too long is killed in the container', async () => {
  await run(
    `docker run -d --name web --health-cmd 'exec sleep 777' --health-interval 1s --health-timeout 1s --health-retries 1 busybox sleep 1000`,
  );
  await expect.poll(() => health('{{.State.Health.Status}}'), patient).toBe('unhealthy');
  expect(await health('{{(index .State.Health.Log 0).Output}}')).toBe('Health check exceeded timeout (1s)');
  await run('docker pause web');
  // A probe that began before the pause is killed by then; frozen processes would still be listed.
  await run('docker unpause web');
  await run('docker rm -f web');
  expect(await run('ps -o args | grep -c "[s]leep 777" || true')).toBe('0');
});
