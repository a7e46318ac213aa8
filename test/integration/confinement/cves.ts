import { readAll, sourceOf } from '../../../src/base/streams.ts';
import { expect } from 'vitest';
import { capabilityNames } from '../../../src/engine/containers/spec/capabilities.ts';
import { seccompFilter } from '../../../src/engine/containers/seccomp/filter.ts';
import { dockerCapabilities, mountFlag, namespace } from '../agent/containers.ts';
import { capability, hostSecret, type Lab } from './lab.ts';

/** An attack that others suffered, tried on the agent; or why it has nothing to work on here. */
export type Row =
  | { readonly cve: string; readonly name: string; readonly attack: (lab: Lab) => Promise<void> }
  | { readonly cve: string; readonly never: string };

/** A list of names so long that whoever looks one up is seen doing it. */
export const longPasswd = '{ busybox yes u:x:5:5::/:/ | busybox head -n 50000; echo last:x:7:7::/:/; } >/etc/passwd';
/** Where the linker puts the ELF header of the agent, which is static and not relocated. */
const elfHeader = 0x0804_8000;
const { bind } = mountFlag;
const oops = { then: (message: string) => ({ message: expect.stringContaining(message) }) };
const withoutPid = Object.entries(namespace).reduce((all, [name, flag]) => (name === 'pid' ? all : all | flag), 0);

/** What of each process that is not busybox can be looked into: "exe …" and "fd …" lines in /shared/seen; `mem`: and written. */
function spyOnStrangers(mem: boolean): string {
  // A write to memory that is just being given up takes no byte, and busybox tries for ever: hence the time limit.
  return `for p in /proc/[0-9]*; do
      exe=$(busybox readlink $p/exe 2>/dev/null) || { [ -e $p/exe ] || [ ! -e $p/stat ] || echo blind >>/shared/seen; continue; }
      case $exe in */busybox) continue ;; esac
      ${mem ? `busybox printf PWND | busybox timeout -s KILL 2 busybox dd of=$p/mem bs=1 seek=${elfHeader} conv=notrunc 2>/dev/null && echo wrote >>/shared/seen` : ''}
      echo "exe $exe" >>/shared/seen
      for fd in $p/fd/*; do echo "fd $(busybox readlink $fd)" >>/shared/seen; done
    done`;
}

async function execOften(lab: Lab, id: string, times: number): Promise<void> {
  for (let i = 0; i < times; i++) await lab.containers.exec(id, 'true', { user: 'last' });
}

export const rows: readonly Row[] = [
  {
    cve: 'CVE-2016-9962',
    name: 'a process that enters is neither read, nor written, nor asked for its files by those inside',
    async attack(lab) {
      await lab.racing('blind', { first: longPasswd, script: spyOnStrangers(false) }, () => execOften(lab, 'blind', 4));
      expect(await lab.host('sort -u /tmp/shared/seen')).toBe('blind\n');

      const capabilities = dockerCapabilities | capability.sysPtrace;
      await lab.racing('ptracer', { first: longPasswd, script: spyOnStrangers(true), capabilities }, () => execOften(lab, 'ptracer', 4));
      const spied = await lab.host('sort -u /tmp/shared/seen');
      expect(spied).toMatch(/^exe /m);
      expect(spied).not.toMatch(/^fd .*(eventpoll|channel|cgroup|\/run\/)/m);
      expect(await lab.host(`dd if=/proc/1/mem bs=1 skip=${elfHeader + 1} count=3 2>/dev/null`)).toBe('ELF');
    },
  },
  {
    cve: 'CVE-2018-15664',
    name: 'a read of a container that swaps a folder for a link never reads the guest',
    async attack(lab) {
      const swap = `[ -e /x ] || { mkdir -p /x /y; echo inside >/x/secret; busybox ln -s /root /y/link; }
        busybox mv /x /z; busybox mv /y/link /x; busybox mv /x /y/link; busybox mv /z /x`;
      const read = new Set<string>();
      const swaps = await lab.racing('swapper', { script: swap }, async () => {
        const { pid } = await pidOf(lab, 'swapper');
        for (let i = 0; i < 150 || (read.size < 2 && i < 1000); i++) read.add((await lab.readBelow({ pid }, '/x/secret')).text);
      });
      expect(swaps).toBeGreaterThan(1);
      expect(read).toContain('inside\n');
      expect([...read].join()).not.toContain(hostSecret);
    },
  },
  {
    cve: 'CVE-2019-5736',
    name: 'the program that enters a container cannot be written from there, nor run there as an agent',
    async attack(lab) {
      const before = await lab.host('sha256sum /sbin/init /run/drydock/docker-init');
      const own = await lab.containers.run('overwriter', 'echo pwned >/proc/1/exe; ls /run', { init: 1 });
      expect(own.stderr).toContain('/proc/1/exe: Read-only file system');
      await lab.containers.remove('overwriter');

      await lab.containers.start('overwriter', ['sleep', '1000']);
      await lab.containers.exec('overwriter', 'printf "#!/proc/self/exe\\n" >/bin/trap; busybox chmod 755 /bin/trap');
      for (const program of ['/proc/self/exe', '/bin/trap'])
        expect((await lab.containers.exec('overwriter', '', { args: [program] })).code).not.toBe(0);
      expect((await lab.containers.exec('overwriter', 'ls /run/drydock')).code).not.toBe(0);
      await lab.containers.remove('overwriter');
      expect(await lab.host('(: >/proc/1/exe) 2>&1 || true')).toContain('Read-only file system');
      expect(await lab.host('sha256sum /sbin/init /run/drydock/docker-init')).toBe(before);
    },
  },
  {
    cve: 'CVE-2019-14271',
    name: 'cp opens nothing of the container but what it copies: no library, no nsswitch.conf, no passwd',
    async attack(lab) {
      const { containers } = lab;
      // Whoever opened one of these would wait for ever.
      const traps =
        '/lib/libnss_files.so.2 /lib/libc.so.6 /etc/nsswitch.conf /etc/ld.so.preload /etc/ld.so.cache /etc/passwd /etc/group /etc/localtime';
      await lab.plant('cp', `for f in ${traps}; do mkdir -p .${'$'}{f%/*}; rm -f .$f; mkfifo .$f; done; mkdir data; echo own >data/f`);
      const process = await containers.start('cp', ['sh', '-c', 'echo ready; sleep 1000']);
      await process.stdout.read();
      const maps = 'cut -c 74- /proc/1/maps | sort -u';
      const before = await lab.host(maps);
      const data = { pid: process.pid, path: '/data' };
      const archive = await readAll(await containers.guest.archives.read({ ...data, name: 'd' }));
      await containers.guest.archives.extract({ ...data, chown: 1, uid: 5, gid: 6 }, sourceOf(archive));
      expect(await lab.host(`stat -c '%u:%g %n' /proc/${process.pid}/root/data/d/f`)).toBe(`5:6 /proc/${process.pid}/root/data/d/f\n`);
      expect(await lab.host(maps)).toBe(before);
      expect(before).not.toContain('.so');
      await containers.remove('cp');
    },
  },
  {
    cve: 'CVE-2019-16884',
    name: 'nothing is mounted over /proc or inside it, by whatever name',
    async attack(lab) {
      await lab.host('mkdir -p /tmp/fake/sys/kernel');
      const cover = async (target: string) => {
        await lab.containers.remove('cover');
        await lab.plant('cover', 'ln -s /proc vol; ln -s ../proc/sys deep');
        return lab.containers.start('cover', ['true'], { mounts: [{ source: '/tmp/fake', target, type: 'bind', flags: bind }] });
      };
      await expect(cover('/proc')).rejects.toMatchObject(oops.then('"/proc" cannot be mounted because it is not of type proc'));
      for (const target of ['/proc/1/task', '/vol/sys', '/deep', '/vol/bus', '/proc//sys'])
        await expect(cover(target)).rejects.toMatchObject(oops.then(`"${target}" cannot be mounted because it is inside /proc`));
      await lab.containers.remove('cover');
    },
  },
  {
    cve: 'CVE-2019-19921',
    name: 'a target that another container swaps for a link to /proc is never mounted on there',
    async attack(lab) {
      // One rename each: there is always a folder or a link to /proc, and nothing for the start to make in its place.
      const swap = `for to in /shared/own /proc; do busybox ln -s $to /shared/next; busybox mv -T /shared/next /shared/x; done`;
      let where = '';
      let refused = 0;
      const swaps = await lab.racing(
        'linker',
        { first: 'mkdir -p /shared/own/sys; busybox ln -s own /shared/x', script: swap },
        async () => {
          // Until both of what the racer shows have been met.
          for (let i = 0; i < 8 || ((where === '' || refused === 0) && i < 60); i++) {
            const mounts = [lab.sharedMount(), { source: 'tmpfs', target: '/shared/x/sys', type: 'tmpfs' }];
            await lab.containers.run('target', 'grep -o " /[^ ]*sys [^-]*- tmpfs" /proc/self/mountinfo; true', { mounts }).then(
              ({ stdout }) => (where += stdout),
              () => refused++,
            );
            await lab.containers.remove('target');
          }
        },
      );
      expect(swaps).toBeGreaterThan(1);
      expect({ where: where !== '', refused: refused > 0 }).toEqual({ where: true, refused: true });
      expect(where).not.toMatch(/ \/proc/);
    },
  },
  {
    cve: 'CVE-2021-30465',
    name: 'a missing target below a folder that becomes a link to the agent’s open files is not made there',
    attack: swapForDescriptors,
  },
  {
    cve: 'CVE-2022-0492',
    name: 'a container mounts no cgroup v1, with its release agent, not even in a user name space of its own',
    async attack(lab) {
      const names = capabilityNames.filter((_, bit) => ((dockerCapabilities >> BigInt(bit)) & 1n) === 1n);
      const script = `mkdir /tmp/c; for how in "" "busybox unshare -U -r -m -C"; do $how mount -t cgroup -o none,name=pwned x /tmp/c && echo mounted; done
        busybox unshare -U true && echo namespace; true`;
      const { stdout } = await lab.containers.run('v1', script, {}, { seccomp: seccompFilter('default', names) });
      expect(stdout).toBe('');
      await lab.containers.remove('v1');
    },
  },
  {
    cve: 'CVE-2022-29162',
    name: 'no process has inheritable or ambient capabilities',
    async attack(lab) {
      const script = 'grep -E "^Cap(Inh|Amb)" /proc/self/status';
      const none = 'CapInh:\t0000000000000000\nCapAmb:\t0000000000000000\n';
      const { exited } = await lab.containers.start('inherits', ['sleep', '1000']);
      expect((await lab.containers.exec('inherits', script)).stdout).toBe(none);
      expect((await lab.containers.exec('inherits', script, { user: 'web' })).stdout).toBe(none);
      await lab.containers.remove('inherits');
      await exited;
      expect((await lab.containers.run('inherits', script)).stdout).toBe(none);
      await lab.containers.remove('inherits');
    },
  },
  {
    cve: 'CVE-2023-27561',
    name: 'an image whose /proc or /sys is a link does not start',
    attack: linkedProc('proc', 'sys'),
  },
  {
    cve: 'CVE-2023-28642',
    name: 'a link at /proc leaves nothing unmasked: the container does not start',
    attack: linkedProc('proc'),
  },
  {
    cve: 'CVE-2024-21626',
    name: 'no working directory is a descriptor of the agent or anything else outside of the container',
    async attack(lab) {
      const { containers } = lab;
      const look = 'cat root/secret ../root/secret ../../root/secret ../../../root/secret; mkdir pwned';
      await containers.start('cwd', ['sleep', '1000']);
      let text = '';
      const remember = (outcome: { stdout: string }) => (text += outcome.stdout);
      const refused = (error: Error) => (text += error.message);
      for (let fd = 3; fd < 40; fd++) await containers.exec('cwd', look, { cwd: `/proc/self/fd/${fd}` }).then(remember, refused);
      await containers.remove('cwd');
      for (const fd of [5, 8, 11, 14, 17, 18, 19, 20]) {
        await containers.run('cwd', look, {}, { cwd: `/proc/self/fd/${fd}` }).then(remember, refused);
        await containers.remove('cwd');
        await containers.run('cwd', look, {}, { cwd: `/proc/self/fd/${fd}/pwned` }).then(remember, refused);
        await containers.remove('cwd');
      }
      expect(text).not.toContain(hostSecret);

      const outside = 'current working directory is outside of container mount namespace root -- possible container breakout detected';
      const inHostPids = { namespaces: withoutPid };
      for (const cwd of ['/proc/1/root', '/proc/1/cwd', '/proc/1/root/root'])
        await expect(lab.runAnew('cwd', 'ls', inHostPids, { cwd })).rejects.toMatchObject({ message: outside });
      await expect(lab.runAnew('cwd', 'ls', inHostPids, { cwd: '/proc/1/root/pwned' })).rejects.toMatchObject({
        detail: { stage: 'cwd' },
      });
      await containers.remove('cwd');
      expect(await lab.pwned()).toBe('');
    },
  },
  {
    cve: 'CVE-2024-45310',
    name: 'nothing is made in the guest for a mount, neither file nor folder, where a link of /proc leads there',
    async attack(lab) {
      await lab.host('mkdir -p /tmp/fake');
      for (const link of ['/proc/1/root/root', '/proc/1/root', '/proc/1/cwd/etc']) {
        await lab.host(`rm -rf /tmp/shared/*; ln -s ${link} /tmp/shared/x`);
        for (const source of ['/tmp/fake', '/etc/hostname']) {
          const mounts = [lab.sharedMount(), { source, target: '/shared/x/pwned', type: 'bind', flags: bind }];
          const started = lab.containers.run('bystander', 'true', { mounts, namespaces: withoutPid });
          await started.catch(() => undefined);
          await lab.containers.remove('bystander');
        }
      }
      expect(await lab.pwned()).toBe('');
    },
  },
  {
    cve: 'CVE-2025-31133',
    name: 'what is masked is covered by the null device or the container does not start',
    async attack(lab) {
      const swap = `[ -e /shared/null ] || { busybox mknod /shared/null c 1 3; echo 1 >/shared/prey; busybox ln -s prey /shared/l; }
        busybox mv /shared/null /shared/z; busybox mv /shared/l /shared/null; busybox mv /shared/null /shared/l; busybox mv /shared/z /shared/null`;
      const shared = { ...lab.sharedMount(), target: '/dev' };
      let covers = '';
      const swaps = await lab.racing('masker', { script: swap }, async () => {
        for (let i = 0; i < 12; i++) {
          const masked = lab.containers.run('masked', 'busybox stat -c %t:%T /proc/timer_list', { mounts: [shared], devices: [] });
          await masked.then(
            ({ stdout }) => (covers += stdout),
            (error: Error) => expect(error.message).toMatch(/null|mask/),
          );
          await lab.containers.remove('masked');
        }
      });
      expect(swaps).toBeGreaterThan(1);
      expect(covers.replaceAll('1:3\n', '')).toBe('');
      await lab.host('rm -rf /tmp/shared/*; echo 1 >/tmp/shared/prey; ln -s prey /tmp/shared/null');
      await expect(lab.containers.run('masked', 'true', { mounts: [shared], devices: [] })).rejects.toMatchObject({
        detail: { stage: 'mask' },
      });
      await lab.containers.remove('masked');
    },
  },
  {
    cve: 'CVE-2025-52565',
    name: 'a terminal is that of a devpts, and /dev/console is not looked for through a link',
    async attack(lab) {
      const start = (mounts: Parameters<Lab['containers']['run']>[2]) =>
        lab.containers.run('console', 'echo; cat /shared/prey', mounts, { tty: 1 });
      for (const ptmx of ['mkfifo', ': >', 'ln -s /dev/null']) {
        await lab.host(`rm -rf /tmp/shared/*; cd /tmp/shared; ${ptmx} ptmx`);
        await expect(start({ mounts: [{ ...lab.sharedMount(), target: '/dev/pts' }] })).rejects.toMatchObject(
          oops.then('open /dev/pts/ptmx: no such device'),
        );
        await lab.containers.remove('console');
      }
      await lab.host('rm -rf /tmp/shared/*; cd /tmp/shared; mkdir pts; echo prey >prey; ln -s /dev/prey console');
      const mounts = [
        { ...lab.sharedMount(), target: '/dev' },
        { source: 'devpts', target: '/dev/pts', type: 'devpts', data: 'newinstance,ptmxmode=0666' },
      ];
      await expect(start({ mounts })).rejects.toMatchObject({ detail: { stage: 'console' } });
      await lab.containers.remove('console');
    },
  },
  {
    cve: 'CVE-2025-52881',
    name: 'what is written to /proc for a process goes to the kernel, whatever the container has made of its /proc',
    async attack(lab) {
      const { containers } = lab;
      const fake = `mount -t tmpfs none /proc; mkdir -p /proc/self /proc/sys/net/ipv4; echo clean >/etc/prey
        for name in self/oom_score_adj sys/net/ipv4/ip_forward; do busybox ln -s /etc/prey /proc/$name; done; echo ready; sleep 1000`;
      const faker = await containers.start('faker', ['sh', '-c', fake], {}, { capabilities: dockerCapabilities | capability.sysAdmin });
      await faker.stdout.read();
      const entered = await containers.guest.processes.exec('faker', {
        args: ['sleep', '1000'],
        env: ['PATH=/bin'],
        cwd: '/',
        capabilities: dockerCapabilities,
        oomScoreAdj: 321,
      });
      expect(await lab.host(`cat /proc/${entered.pid}/oom_score_adj`)).toBe('321\n');
      expect((await containers.exec('faker', 'cat /etc/prey')).stdout).toBe('clean\n');
      await containers.remove('faker');

      const before = await lab.host('cat /proc/sys/vm/swappiness /proc/sys/net/ipv4/ip_default_ttl /proc/sys/kernel/msgmax');
      for (const name of ['vm.swappiness', 'kernel.hostname', 'net/../vm/swappiness', 'kernel/core_pattern'])
        await expect(lab.runAnew('sysctl', 'true', { sysctls: [{ name, value: '7' }] })).rejects.toMatchObject({
          detail: { stage: 'sysctl' },
        });
      const own = { sysctls: ['net.ipv4.ip_default_ttl', 'kernel.msgmax'].map((name) => ({ name, value: '77' })) };
      const { stdout } = await lab.runAnew('sysctl', 'cat /proc/sys/net/ipv4/ip_default_ttl /proc/sys/kernel/msgmax', own);
      expect(stdout).toBe('77\n77\n');
      for (const gone of [namespace.network, namespace.ipc])
        await expect(lab.runAnew('sysctl', 'true', { ...own, namespaces: everything() & ~gone })).rejects.toMatchObject({
          message: expect.stringContaining('is not in a separate kernel namespace'),
        });
      await containers.remove('sysctl');
      expect(await lab.host('cat /proc/sys/vm/swappiness /proc/sys/net/ipv4/ip_default_ttl /proc/sys/kernel/msgmax')).toBe(before);
    },
  },
];

function everything(): number {
  return Object.values(namespace).reduce<number>((all, flag) => all | flag, 0);
}

async function pidOf(lab: Lab, id: string): Promise<{ pid: number }> {
  return { pid: Number((await lab.host(`head -n1 /sys/fs/cgroup/docker/${id}/cgroup.procs`)).trim()) };
}

/** While a container starts with a mount on /shared/x/pwned, another one swaps /shared/x for links to whatever may be open. */
async function swapForDescriptors(lab: Lab): Promise<void> {
  await lab.host('mkdir -p /tmp/fake');
  const swap = `[ -e /shared/x ] || mkdir /shared/x
    fd=$((n % 36 + 4)); busybox ln -s /proc/self/fd/$fd /shared/l
    busybox mv /shared/x /shared/z; busybox mv /shared/l /shared/x; rm -rf /shared/z/*; cat /dev/null; busybox rm -f /shared/x; busybox mv /shared/z /shared/x`;
  const start = (target: string) =>
    lab.containers
      .run('bystander', 'true', { mounts: [lab.sharedMount(), { source: '/tmp/fake', target, type: 'bind', flags: bind }] })
      .then(() => true)
      .catch(() => false);
  const swaps = await lab.racing('exchanger', { script: swap }, async () => {
    for (let i = 0; i < 6; i++) {
      await start('/shared/x/pwned');
      await lab.containers.remove('bystander');
    }
  });
  expect(swaps).toBeGreaterThan(1);
  // And without a race: a link that is there already.
  for (let fd = 4; fd < 22; fd += 2) {
    await lab.host(`rm -rf /tmp/shared/*; ln -s /proc/self/fd/${fd} /tmp/shared/x; ln -s /proc/self/fd/${fd + 1} /tmp/shared/y`);
    for (const link of ['x', 'y']) expect(await start(`/shared/${link}/pwned`)).toBe(false);
    await lab.containers.remove('bystander');
  }
  expect(await lab.pwned()).toBe('');
}

function linkedProc(...names: readonly string[]): (lab: Lab) => Promise<void> {
  return async (lab) => {
    for (const name of names) {
      await lab.plant('linked', `mkdir fake; ln -s /fake ${name}`);
      await expect(lab.containers.run('linked', 'cat /proc/timer_list')).rejects.toMatchObject(
        oops.then(`filesystem "${name === 'sys' ? 'sysfs' : name}" must be mounted on ordinary directory`),
      );
      await lab.containers.remove('linked');
    }
  };
}
