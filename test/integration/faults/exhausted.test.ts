import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { fileTar } from '../../support/file-tar.ts';
import { engineUnderFaults, type EngineUnderFaults } from './engine-under-faults.ts';

let under: EngineUnderFaults;
beforeAll(async () => {
  under = await engineUnderFaults();
});
afterAll(() => under.stop());

vi.setConfig({ testTimeout: 600_000 });

const noSpace = /no space left on device/;
const disk = '/var/lib/drydock/host/tmp';

/** Nothing is left on the guest's disk, down to the last block and the last inode. */
async function fillDisk(): Promise<void> {
  await under.line(
    `cd ${disk}; free() { df -k . | awk 'END { print $4 }'; }; fallocate -l $(($(free) * 1024 - 65536)) full; dd if=/dev/zero of=rest bs=4k; dd if=/dev/zero of=last bs=1k`,
  );
  expect(await under.line(`df -k ${disk} | awk 'END { print $4 }'`)).toBe('0\n');
}

const freeDisk = (): Promise<string> => under.line(`rm -f ${disk}/full ${disk}/rest ${disk}/last`);
const exec = async (id: string, ...command: readonly string[]): Promise<string> => {
  const { Id } = JSON.parse(
    await under.must('POST', `/containers/${id}/exec`, { Cmd: command, AttachStdout: true, AttachStderr: true }),
  ) as {
    Id: string;
  };
  return under.must('POST', `/exec/${Id}/start`, { Detach: false, Tty: false });
};

test('a full disk is told in the words of Docker, loses nothing, and is forgotten once there is room', async () => {
  const keep = await under.run({}, 'keep');
  await exec(keep, 'sh', '-c', 'echo precious >/kept; head -c 200000 /dev/zero >/big');
  await fillDisk();
  const says = async (method: string, target: string, body?: unknown): Promise<string> => {
    const { status, text } = await under.send(method, target, body);
    return status >= 400 ? text : `${status}`;
  };
  expect(await says('PUT', '/containers/keep/archive?path=/root', await fileTar('new', new Uint8Array(300_000)))).toMatch(
    /"write \/root\/new: no space left on device"/,
  );
  expect(await says('POST', '/commit?container=keep&repo=kept')).toMatch(/"(write|mkdir) \/\S*: no space left on device"/);
  const volume = await says('POST', '/volumes/create', { Name: 'more' });
  expect(volume).toContain(
    "create more: error while creating volume root path '/var/lib/docker/volumes/more': mkdir /var/lib/docker/volumes/more: no space left on device",
  );
  expect(JSON.parse(await under.must('GET', '/volumes'))).toMatchObject({ Volumes: [] });
  // Some start in folders that stood ready; the first that cannot is refused, not given a root that nobody can write to.
  let refused = '';
  for (let tries = 0; tries < 12 && refused === ''; tries += 1) {
    await under.must('POST', `/containers/create?name=late-${tries}`, { Image: 'busybox', Cmd: ['sh', '-c', 'touch /x'] });
    const started = await says('POST', `/containers/late-${tries}/start`);
    if (started !== '204') refused = started;
    else expect(await under.must('POST', `/containers/late-${tries}/wait`)).toMatch(/"StatusCode":(0|1)\b/);
  }
  expect(refused).toMatch(noSpace);
  // What is read, and what is kept outside of the guest, goes on.
  expect(await exec(keep, 'cat', '/kept')).toContain('precious');
  expect((await under.send('GET', '/containers/keep/archive?path=/kept')).text).toContain('precious');
  await under.must('POST', '/images/create?fromImage=hello-world&tag=latest');
  await under.agrees();

  await freeDisk();
  await under.must('PUT', '/containers/keep/archive?path=/root', await fileTar('new', new Uint8Array(300_000)));
  expect(await exec(keep, 'sh', '-c', 'cat /kept; wc -c </root/new')).toMatch(/precious[^0-9]*300000/);
  await under.must('POST', '/commit?container=keep&repo=kept');
  await under.must('POST', '/volumes/create', { Name: 'more' });
  await under.run({ Image: 'kept', HostConfig: { Binds: ['more:/v'] } }, 'again');
  expect(await exec('again', 'sh', '-c', 'cat /kept; touch /v/x /y && echo written')).toMatch(/precious[^]*written/);
  await under.agrees();
  await under.must('DELETE', '/containers/again?force=1');
  await under.must('DELETE', '/images/kept');
  await under.must('DELETE', '/images/hello-world');
  await under.leavesNothing();
});

test('a container that forks without end is held by its limit, and goes whole', async () => {
  const bomb = await under.run({ Cmd: ['sh', '-c', 'f() { f | f & }; f; sleep 1000'], HostConfig: { PidsLimit: 40 } }, 'bomb');
  const pids = `/sys/fs/cgroup/docker/${bomb}/pids`;
  await expect.poll(() => under.line(`cat ${pids}.events`)).toMatch(/max [1-9]/);
  expect(Number(await under.line(`cat ${pids}.current`))).toBeLessThanOrEqual(40);
  const refused = await under.send('POST', '/containers/bomb/exec', { Cmd: ['true'] });
  expect(refused.status).toBe(201);
  await under.must('GET', '/containers/bomb/json');
  await under.must('POST', '/containers/bomb/kill');
  await under.must('DELETE', '/containers/bomb?force=1');
  await under.agrees();
  await under.leavesNothing();
});

test('a guest that has no process left to give says so, and answers again once there are some', async () => {
  const keep = await under.run({}, 'keep');
  await under.must('POST', '/containers/create?name=late', { Image: 'busybox', Cmd: ['true'] });
  const many = await under.run({ Cmd: ['sh', '-c', 'for i in $(seq 50); do sleep 1000 & done; wait'] }, 'many');
  await expect.poll(() => under.line(`cat /sys/fs/cgroup/docker/${many}/pids.current`)).toBe('51\n');
  const before = await under.line(
    'cat /proc/sys/kernel/threads-max; read -r _ _ _ threads _ </proc/loadavg; echo $((${threads#*/} - 5)) >/proc/sys/kernel/threads-max',
  );
  const refused = await under.send('POST', '/containers/late/start');
  expect([refused.status, refused.text]).toEqual([500, expect.stringContaining('resource temporarily unavailable')]);
  await under.must('GET', '/_ping');
  await under.must('GET', '/containers/json?all=1');
  await under.must('POST', `/containers/${many}/kill`);
  await under.must('POST', `/containers/${many}/wait`);
  await under.line(`echo ${before.trim()} >/proc/sys/kernel/threads-max`);
  expect(await exec(keep, 'echo', 'alive')).toContain('alive');
  await under.must('POST', '/containers/late/start');
  await under.must('POST', '/containers/late/wait');
  await under.agrees();
  await under.leavesNothing();
});

test('a container that takes more memory than its limit is ended, and the log says why', async () => {
  const hungry = await under.run({ Cmd: ['tail', '/dev/zero'], HostConfig: { Memory: 16 * 2 ** 20 } }, 'hungry');
  await under.must('POST', '/containers/hungry/wait');
  expect(JSON.parse(await under.must('GET', '/containers/hungry/json'))).toMatchObject({ State: { OOMKilled: true, ExitCode: 137 } });
  const told = under.events().filter(({ actor }) => actor.id === hungry);
  expect(told.map(({ action }) => action)).toEqual(expect.arrayContaining(['oom', 'die']));
  await under.agrees();
  await under.leavesNothing();
});
