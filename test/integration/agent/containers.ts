import { utf8, fromUtf8 } from '../../../src/base/bytes.ts';
import { readAll } from '../../../src/base/streams.ts';
import { Guest } from '../../../src/guest/guest.ts';
import type { GuestProcess, ProcessExit } from '../../../src/guest/process.ts';
import type { Machine } from '../../../src/machine/machine.ts';
import type { AgentRecordInput } from '../../../src/protocol/agent.ts';
import { TreeMaker } from '../machine/trees.ts';

export type ContainerSpec = AgentRecordInput<'containerSpec'>;
export type ProcessSpec = AgentRecordInput<'process'>;

/** MS_* of mount(2), CLONE_* of clone(2). */
export const mountFlag = { readonly: 1, nosuid: 2, nodev: 4, noexec: 8, bind: 4096 } as const;
export const namespace = {
  mount: 0x0002_0000,
  cgroup: 0x0200_0000,
  uts: 0x0400_0000,
  ipc: 0x0800_0000,
  pid: 0x2000_0000,
  network: 0x4000_0000,
} as const;
const everyNamespace = Object.values(namespace).reduce<number>((all, flag) => all | flag, 0);

const layer = 'agent-test';
const path = 'PATH=/bin:/sbin';
/** Docker's default capabilities (moby oci/caps/defaults.go) as bits. */
export const dockerCapabilities = 0xa804_25fbn;

/** A root file system without programs: the guest's busybox is bound into it. */
export function addLayer(machine: Machine, name = layer): void {
  const make = new TreeMaker();
  const names = 'sh cat ls true echo id ps sleep head wc env hostname ip ping kill tty stty mknod touch grep nc netstat dd mount'.split(
    ' ',
  );
  const applets = Object.fromEntries(names.map((applet) => [applet, make.symlink('/bin/busybox')]));
  machine.layers.add(
    name,
    make.tree({
      bin: make.directory({ ...applets, busybox: make.file('busybox', '') }),
      etc: make.directory({
        passwd: make.file('passwd', 'root:x:0:0:root:/root:/bin/sh\nweb:x:33:33::/var/www:/bin/sh\n'),
        group: make.file('group', 'root:x:0:root\nwheel:x:10:root,web\nweb:x:33:\n'),
        hosts: make.file('hosts', ''),
      }),
      ...Object.fromEntries(['proc', 'sys', 'dev', 'tmp', 'sbin', 'root'].map((folder) => [folder, make.directory({})])),
    }),
  );
}

function mounts(): AgentRecordInput<'mount'>[] {
  const { readonly, nosuid, nodev, noexec, bind } = mountFlag;
  return [
    { source: 'proc', target: '/proc', type: 'proc', flags: nosuid | nodev | noexec },
    { source: 'tmpfs', target: '/dev', type: 'tmpfs', flags: nosuid, data: 'mode=755,size=65536k' },
    { source: 'devpts', target: '/dev/pts', type: 'devpts', flags: nosuid | noexec, data: 'newinstance,ptmxmode=0666,mode=0620,gid=5' },
    { source: 'sysfs', target: '/sys', type: 'sysfs', flags: nosuid | nodev | noexec | readonly },
    { source: 'cgroup', target: '/sys/fs/cgroup', type: 'cgroup2', flags: nosuid | nodev | noexec | readonly },
    { source: '/bin/busybox', target: '/bin/busybox', type: 'bind', flags: bind | readonly },
  ];
}

const devices = (
  [
    ['null', 1, 3],
    ['zero', 1, 5],
    ['urandom', 1, 9],
    ['tty', 5, 0],
  ] as const
).map(([name, major, minor]) => ({
  path: `/dev/${name}`,
  type: 'c',
  major,
  minor,
  mode: 0o666,
}));

export interface Outcome extends ProcessExit {
  readonly stdout: string;
  readonly stderr: string;
}

export async function outcomeOf(process: GuestProcess): Promise<Outcome> {
  const [stdout, stderr] = await Promise.all([
    readAll(process.stdout),
    process.stderr === null ? new Uint8Array(0) : readAll(process.stderr),
  ]);
  return { ...(await process.exited), stdout: fromUtf8(stdout), stderr: fromUtf8(stderr) };
}

/** Containers of one guest, with Docker's usual surroundings. */
export class Containers {
  readonly guest: Guest;

  constructor(machine: Machine) {
    this.guest = new Guest(machine.channel);
  }

  folders(id: string): { readonly upper: string; readonly work: string; readonly merged: string } {
    const folder = `/var/lib/drydock/containers/${id}`;
    return { upper: `${folder}/diff`, work: `${folder}/work`, merged: `${folder}/merged` };
  }

  start(id: string, args: readonly string[], container: ContainerSpec = {}, process: ProcessSpec = {}): Promise<GuestProcess> {
    return this.guest.processes.start({
      id,
      hostname: id,
      lowers: [`/run/drydock/host/layers/${layer}`],
      ...this.folders(id),
      namespaces: everyNamespace,
      cgroup: `docker/${id}`,
      mounts: [...mounts(), ...(container.mounts ?? [])],
      devices,
      maskedPaths: ['/proc/timer_list', '/sys/firmware'],
      readonlyPaths: ['/proc/sys'],
      files: [{ path: '/etc/hosts', mode: 0o644, contents: utf8('127.0.0.1 localhost\n') }],
      ...(({ mounts: _, ...rest }) => rest)(container),
      process: { args, env: [path], cwd: '/', capabilities: dockerCapabilities, ...process },
    });
  }

  /** Runs a script as the container's first process. */
  async run(id: string, script: string, container: ContainerSpec = {}, process: ProcessSpec = {}): Promise<Outcome> {
    return outcomeOf(await this.start(id, ['sh', '-c', script], container, process));
  }

  async exec(id: string, script: string, process: ProcessSpec = {}): Promise<Outcome> {
    return outcomeOf(
      await this.guest.processes.exec(id, {
        args: ['sh', '-c', script],
        env: [path],
        cwd: '/',
        capabilities: dockerCapabilities,
        ...process,
      }),
    );
  }

  remove(id: string): Promise<void> {
    return this.guest.processes.remove({ container: id, removeFiles: 1, ...this.folders(id), cgroup: `docker/${id}` });
  }
}
