import { afterAll, beforeAll, expect, test } from 'vitest';
import { freePort } from '../../support/free-port.ts';
import { isLong, randomOf, seed } from '../../support/long.ts';
import { engineUnderFaults, isListening, published, type EngineUnderFaults } from './engine-under-faults.ts';

const rounds = isLong ? 40 : 3;
let under: EngineUnderFaults;
beforeAll(async () => {
  under = await engineUnderFaults();
});
afterAll(() => under.stop());

const health = { Test: ['CMD', 'sleep', '1000'], Interval: 1_000_000_000, Timeout: 600_000_000_000 };

/** Four containers of four kinds, each with an exec; the first answers health probes that never end. */
async function crowd(round: number, port: number): Promise<string[]> {
  const name = (kind: string): string => `${kind}-${round}`;
  const ids = [
    await under.run({ Healthcheck: health, HostConfig: { NetworkMode: 'net', Binds: ['data:/v'] } }, name('probed')),
    await under.run({ HostConfig: { NetworkMode: 'net', Init: true, ...published(port) } }, name('published')),
    await under.run({ Cmd: ['sh', '-c', 'trap "" TERM; sleep 1000 & sleep 1000 & wait'], HostConfig: { PidsLimit: 20 } }, name('family')),
    await under.run({ HostConfig: { AutoRemove: true } }, name('fleeting')),
  ];
  for (const id of ids) {
    const { Id } = JSON.parse(await under.must('POST', `/containers/${id}/exec`, { Cmd: ['sleep', '1000'] })) as { readonly Id: string };
    await under.must('POST', `/exec/${Id}/start`, { Detach: true });
  }
  return ids;
}

/** All processes of containers, and the `docker` programs of the guest. */
async function victims(): Promise<string[]> {
  const listed = await under.line(
    `cat /sys/fs/cgroup/docker/*/cgroup.procs 2>/dev/null; for p in /proc/[0-9]*; do [ "$(readlink $p/exe)" = /sbin/init ] && [ $p != /proc/1 ] && grep -q docker $p/comm && echo \${p#/proc/}; done`,
  );
  return listed.split('\n').filter(Boolean);
}

test(
  `processes of containers, execs, probes and clients are killed at random (SEED=${seed}), and the engine's books stay those of the kernel`,
  { timeout: 600_000 + rounds * 60_000 },
  async () => {
    console.log(`SEED=${seed}`);
    const random = randomOf(seed);
    await under.must('POST', '/networks/create', { Name: 'net' });
    for (let round = 0; round < rounds; round += 1) {
      const port = await freePort();
      const ids = await crowd(round, port);
      const client = under.line('docker run --rm busybox sleep 1000');
      await expect.poll(() => under.line('docker ps -q | wc -l')).toBe(`${ids.length + 1}\n`);
      for (let kills = 0; kills < 8; kills += 1) {
        const living = await victims();
        const victim = living[Math.floor(random() * living.length)];
        const signal = ['KILL', 'KILL', 'TERM', 'STOP'][Math.floor(random() * 4)];
        if (victim !== undefined) await under.line(`kill -${signal} ${victim}`);
      }
      await under.agrees();
      // Whoever is left goes at once, all together.
      await under.line('kill -9 $(cat /sys/fs/cgroup/docker/*/cgroup.procs) $(pidof docker)');
      await client;
      await expect.poll(() => under.line('docker ps -q | wc -l')).toBe('0\n');
      expect(await isListening(port)).toBe(false);
      await under.agrees();
      for (const id of ids) {
        const told = under.events().filter(({ actor }) => actor.id === id);
        const [died, ...again] = told.filter(({ action }) => action === 'die');
        expect(died?.actor.attributes['exitCode'], `SEED=${seed}, round ${round}`).toMatch(/^(137|143)$/);
        expect(again).toEqual([]);
        expect(told.filter(({ action }) => action.startsWith('exec_start')).length).toBeGreaterThan(0);
      }
    }
    await under.leavesNothing();
  },
);
