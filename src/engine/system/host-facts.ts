import type { GuestFacts } from '../runtime.ts';

/** What the guest says of itself. */
export interface HostFacts {
  readonly kernelVersion: string;
  readonly hostname: string;
  /** PRETTY_NAME and VERSION_ID of os-release(5). */
  readonly operatingSystem: string;
  readonly osVersion: string;
  readonly cpus: number;
  /** Bytes. */
  readonly memory: number;
  readonly ipForward: boolean;
  /** Controllers that containers can be limited with. */
  readonly controllers: ReadonlySet<string>;
}

const paths = [
  '/proc/sys/kernel/osrelease',
  '/proc/sys/kernel/hostname',
  '/etc/os-release',
  '/proc/cpuinfo',
  '/proc/meminfo',
  '/proc/sys/net/ipv4/ip_forward',
  '/sys/fs/cgroup/cgroup.subtree_control',
] as const;

/** One round trip. */
export async function readHostFacts(facts: GuestFacts): Promise<HostFacts> {
  const results = await facts.inspect(paths.map((path) => ({ op: 'read', path })));
  const [release = '', hostname = '', os = '', cpuinfo = '', meminfo = '', forward = '', controllers = ''] = results.map(({ text }) =>
    text.trim(),
  );
  return {
    kernelVersion: release,
    hostname,
    operatingSystem: osField(os, 'PRETTY_NAME'),
    osVersion: osField(os, 'VERSION_ID'),
    cpus: Math.max(1, (cpuinfo.match(/^processor\s*:/gm) ?? []).length),
    memory: Number(/^MemTotal:\s+(\d+)/m.exec(meminfo)?.[1] ?? 0) * 1024,
    ipForward: forward === '1',
    controllers: new Set(controllers.split(/\s+/).filter((name) => name !== '')),
  };
}

function osField(text: string, name: string): string {
  return (new RegExp(`^${name}=(.*)$`, 'm').exec(text)?.[1] ?? '').replace(/^"(.*)"$/, '$1');
}
