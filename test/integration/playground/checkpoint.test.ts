import { afterAll, beforeAll, expect, test } from 'vitest';
import type { LogEntry } from '../../../src/protocol/log.ts';
import type { HeldCheckpoint } from '../../../src/worker/checkpoint.ts';
import { createNodePlayground } from '../../../src/worker/node/playground.ts';
import type { LocalPlayground } from '../../../src/worker/playground.ts';
import { runLines } from '../../support/run-lines.ts';

let playground: LocalPlayground;
beforeAll(async () => {
  playground = await createNodePlayground();
  await run('docker pull -q busybox');
});
afterAll(() => playground.dispose());

const run = runLines(() => playground);
const inspect = async (name: string) => (await playground.host.backend.containers.inspect(name, { size: false })).State;
/** undefined: there is no such file. */
const read = async (path: string): Promise<string | undefined> => {
  const [answer] = await playground.host.guest.facts.inspect([{ op: 'read', path }]);
  return answer?.errno === 0 ? answer.text : undefined;
};
/** [] where there is no such folder. */
const names = async (path: string): Promise<readonly string[]> => {
  const [answer] = await playground.host.guest.facts.inspect([{ op: 'list', path }]);
  return answer?.names ?? [];
};
const cgroup = (id: string, file: string): Promise<string | undefined> => read(`/sys/fs/cgroup/docker/${id}/${file}`);
const patient = { timeout: 60_000 };

test('a checkpoint goes back to one moment: what ran, was paused, ended or was being removed then, for the engine and for the guest', async () => {
  const talks = (await run(`docker run -d --name talks busybox sh -c 'n=0; while :; do n=$((n + 1)); echo $n; usleep 50000; done'`)).trim();
  const paused = (await run('docker run -d --name paused busybox sleep 1000')).trim();
  await run('docker pause paused');
  await run('docker exec -d talks sh -c "read x < /dev/zero; exit 3"');
  await run('docker network create net; docker run -d --name named --network net busybox sleep 1000');
  await run('docker run -d --name goes busybox sleep 1000');
  await run('docker kill goes; docker wait goes');
  for (const id of [1, 2, 3]) await run(`docker create --name ends${id} busybox sh -c "usleep ${id}0000; exit ${id}"`);
  await run('docker start ends1 ends2 ends3');
  // In flight: it holds the lock, so that it is over before the checkpoint, or not begun.
  const removing = playground.host.backend.containers.remove('goes', { force: false, volumes: false, link: false });
  const checkpoint = await playground.lifecycle.checkpoint();
  await removing;

  const told: LogEntry[] = [];
  await playground.log.watch(playground.host.log.last, ({ entries }) => void told.push(...entries));
  // Another course of things.
  await run('docker rm -f named paused ends1 ends2 ends3');
  await run('docker run --name later busybox true');
  const { epoch } = playground.host.log;
  // Removals in flight: also of one that is in the checkpoint, under the same ID.
  const remove = (id: string) => playground.host.backend.containers.remove(id, { force: true, volumes: false, link: false });
  const late = Promise.allSettled(['later', talks].map(remove));
  await playground.lifecycle.restore({ state: checkpoint.state, engine: JSON.parse(JSON.stringify(checkpoint.engine)) });
  await late;

  const { Pid, Running } = await inspect('talks');
  expect(Running).toBe(true);
  expect(await read(`/proc/${Pid}/cgroup`)).toContain(`docker/${talks}`);
  expect((await cgroup(talks, 'cgroup.procs'))?.split('\n')).toContain(String(Pid));
  expect(await inspect('paused')).toMatchObject({ Status: 'paused' });
  expect(await cgroup(paused, 'cgroup.freeze')).toBe('1\n');
  for (const id of [1, 2, 3]) {
    await expect.poll(async () => (await inspect(`ends${id}`)).Running, patient).toBe(false);
    expect((await inspect(`ends${id}`)).ExitCode).toBe(id);
  }
  expect(await run('docker exec named nslookup named')).toContain('127.0.0.11');
  await expect(inspect('later')).rejects.toMatchObject({ kind: 'not_found' });
  // The log of what runs grows, without a gap.
  const lines = (await run('docker logs talks')).trim().split('\n').map(Number);
  expect(lines).toEqual(lines.map((_, index) => index + 1));
  await expect.poll(async () => (await run('docker logs talks')).trim().split('\n').length, patient).toBeGreaterThan(lines.length);
  expect(await run('docker top talks -o pid,args | grep -c "read x"')).toBe('1\n');
  // Who watched before hears what happens after.
  expect(playground.host.log.epoch).toBeGreaterThan(epoch);
  told.length = 0;
  await run('docker unpause paused; docker rm -f paused');
  await expect
    .poll(() => told.some((entry) => entry.kind === 'event' && entry.action === 'destroy' && entry.actor.id === paused), patient)
    .toBe(true);
  expect(await cgroup(paused, 'cgroup.procs')).toBeUndefined();
  checkpoint.dispose();
});

test('the contents of a checkpoint stay though its image is removed after it; of one that is gone nothing stays', async () => {
  await run('docker rm -f $(docker ps -aq); docker run --name kept busybox sh -c "echo maple > /note"');
  const checkpoint: HeldCheckpoint = await playground.lifecycle.checkpoint();
  await run('docker rm kept; docker rmi busybox');
  await playground.lifecycle.restore(checkpoint);
  expect(await run('docker start -a kept; docker run --rm busybox echo here')).toBe('here\n');
  checkpoint.dispose();
});

test('what a commit left on the disk of the guest goes with its image, and is there again after a restore', async () => {
  const layers = () => names('/var/lib/drydock/layers');
  const ready = async () => (await names('/var/lib/drydock/overlay2')).some((name) => name.startsWith('.next-'));
  await run('docker rm -f $(docker ps -aq); docker run --name made busybox sh -c "rm /etc/group; echo oak >/note"; docker commit made oak');
  const upper = (await run("docker image inspect -f '{{.GraphDriver.Data.UpperDir}}' oak")).trim();
  expect(upper.split('/').slice(0, -1).join('/')).toBe('/var/lib/drydock/layers');
  expect(await run('docker run --name on oak sh -c "cat /note; ls /etc/group 2>&1; echo more >/more"')).toContain(
    'oak\nls: /etc/group: No such file',
  );
  await run('docker commit on elm');
  expect(await run('docker diff on')).toBe('A /more\n');
  expect(await layers()).toHaveLength(2);
  const checkpoint = await playground.lifecycle.checkpoint();
  // The overlay of a container that may come next stands ready on these layers, and goes with them.
  await run('docker run --rm elm cat /note /more');
  await expect.poll(ready, patient).toBe(true);
  await run('docker rm -f on made; docker rmi elm oak');
  await expect.poll(layers, patient).toEqual([]);
  await expect.poll(ready, patient).toBe(false);
  await playground.lifecycle.restore(checkpoint);
  checkpoint.dispose();
  expect(await run('docker run --rm elm cat /note /more')).toBe('oak\nmore\n');
  await run('docker rm -f on made; docker rmi elm oak');
  await expect.poll(layers, patient).toEqual([]);
});

test('what was under way for somebody outside when the machine was saved is let go of by the agent after the restore', async () => {
  const { guest } = playground.host;
  const threads = async (): Promise<number> => (await names('/proc/1/task')).length;
  const isBound = async (): Promise<boolean> => ((await read('/proc/net/udp')) ?? '').includes(':15B3 ');
  const before = await threads();
  const socket = await guest.sockets.bind({ container: '', address: '127.0.0.1', port: 0x15b3 });
  const program = await guest.processes.exec('', { args: ['/bin/sleep', '100000'] });
  const archive = await guest.archives.read({ path: '/', name: 'all' });
  await archive.read();
  const seen = async () => [await isBound(), (await read(`/proc/${program.pid}/comm`)) ?? '', (await threads()) > before];
  expect(await seen()).toEqual([true, 'sleep\n', true]);
  const checkpoint = await playground.lifecycle.checkpoint();
  // The machine that goes on has them still.
  expect(await seen()).toEqual([true, 'sleep\n', true]);
  socket.close();
  archive.cancel();
  await playground.lifecycle.restore(checkpoint);
  checkpoint.dispose();
  await expect.poll(seen, patient).toEqual([false, '', false]);
});

test('a checkpoint of another version is refused, and nothing changes', async () => {
  await run('docker run -d --name stays busybox sleep 1000');
  const checkpoint = await playground.lifecycle.checkpoint();
  const older = Object.assign(JSON.parse(JSON.stringify(checkpoint.engine)), { version: 1 });
  await expect(playground.lifecycle.restore({ ...checkpoint, engine: older })).rejects.toMatchObject({
    kind: 'invalid',
    message: expect.stringContaining('another version of this engine: 1'),
  });
  const state = checkpoint.state.slice();
  state[8] = 1;
  await expect(playground.lifecycle.restore({ ...checkpoint, state })).rejects.toMatchObject({ kind: 'invalid' });
  expect((await inspect('stays')).Running).toBe(true);
  checkpoint.dispose();
});
