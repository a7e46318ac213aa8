import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { engineUnderFaults, type EngineUnderFaults } from './engine-under-faults.ts';

let under: EngineUnderFaults;
beforeAll(async () => {
  under = await engineUnderFaults();
});
afterAll(() => under.stop());

vi.setConfig({ testTimeout: 600_000 });
const patience = { timeout: 120_000 };

const stateOf = async (name: string): Promise<unknown> =>
  (JSON.parse(await under.must('GET', `/containers/${name}/json`)) as { State: unknown }).State;
const actionsOf = (id: string): string[] => under.events().flatMap(({ actor, action }) => (actor.id === id ? [action] : []));

async function exec(name: string, command: readonly string[], more: Readonly<Record<string, unknown>> = {}): Promise<string> {
  const asked = { Cmd: command, AttachStdout: true, AttachStderr: true, Tty: true, ...more };
  const { Id } = JSON.parse(await under.must('POST', `/containers/${name}/exec`, asked)) as { readonly Id: string };
  return under.must('POST', `/exec/${Id}/start`, { Detach: false, Tty: true });
}

test('containers without a limit that take all memory there is are ended, each is told, and what else runs goes on', async () => {
  await under.run({}, 'keep');
  const ids = await Promise.all(['a', 'b', 'c'].map((name) => under.run({ Cmd: ['tail', '/dev/zero'] }, `hungry-${name}`)));
  for (const id of ids) {
    await under.must('POST', `/containers/${id}/wait`);
    expect(await stateOf(id)).toMatchObject({ OOMKilled: true, ExitCode: 137 });
    expect(actionsOf(id).filter((action) => action === 'oom' || action === 'die')).toEqual(['oom', 'die']);
  }
  expect(await exec('keep', ['echo', 'alive'])).toContain('alive');
  await under.agrees();
  await under.leavesNothing();
});

test("files in memory of containers take no more than containers have, and the guest's own no more than their file systems", async () => {
  await under.run({}, 'keep');
  // Of Docker's 64 MB what is too much is refused; where more is asked for than there is, who writes is ended.
  const usual = await under.run({ Cmd: ['sh', '-c', 'dd if=/dev/zero of=/dev/shm/x bs=1M; stat -c %s /dev/shm/x; sleep 100000'] }, 'usual');
  await expect.poll(() => under.line('docker logs usual 2>&1'), patience).toMatch(/No space left on device[^]*\n67108864\n/);
  await under.must('DELETE', `/containers/${usual}?force=1`);
  const large = await under.run({ Cmd: ['dd', 'if=/dev/zero', 'of=/dev/shm/x', 'bs=1M'], HostConfig: { ShmSize: 2 ** 30 } }, 'large');
  await under.must('POST', `/containers/${large}/wait`);
  expect(await stateOf('large')).toMatchObject({ OOMKilled: true, ExitCode: 137 });
  for (const folder of ['/run', '/dev/shm', '/dev'])
    expect(await under.line(`dd if=/dev/zero of=${folder}/full bs=64k 2>&1`)).toContain('No space left on device');
  expect(await exec('keep', ['echo', 'alive'])).toContain('alive');
  expect(await under.line("awk '/MemAvailable/ { print ($2 > 20000) }' /proc/meminfo")).toBe('1\n');
  await under.line('rm /run/full /dev/shm/full /dev/full');
  await under.agrees();
  await under.leavesNothing();
});

test('a child that takes more than the limit is ended alone: the container runs on, and is said to have run out of memory', async () => {
  const script = 'tail /dev/zero; echo "child $?"; exec sleep 100000';
  const parent = await under.run({ Cmd: ['sh', '-c', script], HostConfig: { Memory: 16 * 2 ** 20, MemorySwap: 16 * 2 ** 20 } }, 'parent');
  await expect.poll(() => under.line('docker logs parent'), patience).toContain('child 137\n');
  await expect.poll(() => actionsOf(parent), patience).toContain('oom');
  expect(await stateOf('parent')).toMatchObject({ Running: true, OOMKilled: true });
  expect(await under.line(`grep -w oom_kill /sys/fs/cgroup/docker/${parent}/memory.events`)).toBe('oom_kill 1\n');
  // So does one of an exec.
  expect(await exec('parent', ['sh', '-c', 'tail /dev/zero; echo "exec $?"'])).toContain('exec 137');
  expect(await stateOf('parent')).toMatchObject({ Running: true, OOMKilled: true });
  await under.must('POST', '/containers/parent/kill');
  await under.must('POST', '/containers/parent/wait');
  expect(await stateOf('parent')).toMatchObject({ Running: false, OOMKilled: true, ExitCode: 137 });
  await under.agrees();
  await under.leavesNothing();
});

test("an exec has its container's limits of processes, as /proc shows them", async () => {
  const Ulimits = [
    { Name: 'nofile', Soft: 64, Hard: 128 },
    { Name: 'core', Soft: 0, Hard: 0 },
    { Name: 'nproc', Soft: 33, Hard: 44 },
  ];
  await under.run({ HostConfig: { Ulimits } }, 'limited');
  const limits = await exec('limited', ['cat', '/proc/self/limits']);
  expect(limits).toMatch(/Max open files +64 +128 /);
  expect(limits).toMatch(/Max core file size +0 +0 /);
  expect(limits).toMatch(/Max processes +33 +44 /);
  expect(await exec('limited', ['cat', '/proc/1/limits'])).toBe(limits);
  expect(await exec('limited', ['sh', '-c', 'ulimit -n 129 || echo refused'], { User: '1000' })).toContain('refused');
  // It opens as many as that and no more.
  expect(await exec('limited', ['sh', '-c', 'i=3; while [ $i -lt 70 ]; do eval "exec $i</dev/null" || exit; i=$((i + 1)); done'])).toMatch(
    /too many open files|Too many open files/,
  );
  await under.leavesNothing();
});
