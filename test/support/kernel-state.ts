import type { LocalPlayground } from '../../src/worker/playground.ts';

/** What the guest's kernel has, by kind, each as sorted lines; numbers that differ from time to time are left out. */
export type KernelState = Readonly<Record<string, readonly string[]>>;

/** Of everything in one go: what one command sees the next must not have changed. Its own processes are told by the group that they are in. */
const script = `
mark() { echo "=$1"; }
mark processes; cat /proc/[0-9]*/stat 2>/dev/null
mark names; ls -l /proc/[0-9]*/ns /proc/1/fd 2>/dev/null | sed -n 's/.* -> //p' | grep -E '^(cgroup|ipc|mnt|net|pid|time|user|uts):\\['; grep nsfs /proc/1/mountinfo | cut -d' ' -f4
mark files; ls -l /proc/1/fd | sed -n 's/.* -> //p'
mark cgroups; find /sys/fs/cgroup -mindepth 1 -type d
mark mounts; cut -d' ' -f5 /proc/1/mountinfo
mark links; ls /sys/class/net
mark listening; cat /proc/net/tcp /proc/net/tcp6 /proc/net/udp /proc/net/udp6
mark unix; cat /proc/net/unix
mark rules; { iptables-save; ip6tables-save; } 2>/dev/null | grep ^-
mark folders; find /var/lib/drydock /run/drydock -mindepth 1 -maxdepth 2 ! -path '/run/drydock/host*' ! -path '/var/lib/drydock/host/*'
mark end`;

/** @param playground whose guest it is */
export async function kernelState(playground: LocalPlayground): Promise<KernelState> {
  const { stdout } = await playground.lines.run(script, { id: 'the state of the kernel' });
  const sections = new Map(
    stdout.split(/^=/m).map((part) => [part.slice(0, part.indexOf('\n')), part.split('\n').slice(1).filter(Boolean)]),
  );
  const of = (name: string): readonly string[] => sections.get(name) ?? [];
  if (!sections.has('end')) throw new Error('the state of the kernel is not whole');
  const names = [...new Set(of('names'))].map((name) => name.replace(/:.*/, ''));
  return sortedOf({
    processes: of('processes').flatMap(processLine),
    'name spaces': names,
    // The overlay that stands ready for the container to come ("/") may be there or not.
    'files of the agent': of('files').flatMap((file) => (file === '/' ? [] : [file.replace(/\[\d+\]/, '[]')])),
    cgroups: of('cgroups'),
    mounts: of('mounts'),
    links: of('links'),
    listening: of('listening').flatMap(listeningLine),
    'unix sockets': of('unix').map((line) => line.trim().split(/\s+/)[7] ?? 'without a name'),
    rules: of('rules'),
    folders: of('folders').flatMap((folder) => (folder.includes('/.next-') ? [] : [folder.replace(/\/\.ready-.*/, '/.ready')])),
  });
}

/** Spares are made ahead in the background: the state that is the same twice in a row. */
export async function steadyKernelState(playground: LocalPlayground): Promise<KernelState> {
  for (let last = await kernelState(playground); ;) {
    await new Promise((later) => setTimeout(later, 1500));
    const now = await kernelState(playground);
    if (changes(last, now).length === 0) return now;
    last = now;
  }
}

/** What `after` has more and less than `before`, a line each. */
export function changes(before: KernelState, after: KernelState): readonly string[] {
  return Object.keys(before).flatMap((kind) => {
    const more = without(after[kind] ?? [], before[kind] ?? []);
    const less = without(before[kind] ?? [], after[kind] ?? []);
    return [...more.map((line) => `${kind}: ${line} is left`), ...less.map((line) => `${kind}: ${line} is missing`)];
  });
}

function without(all: readonly string[], those: readonly string[]): string[] {
  const counts = new Map<string, number>();
  for (const line of those) counts.set(line, (counts.get(line) ?? 0) + 1);
  return all.filter((line) => {
    const left = counts.get(line) ?? 0;
    counts.set(line, left - 1);
    return left <= 0;
  });
}

/** Not threads of the kernel, which come and go. */
function processLine(stat: string): string[] {
  const match = /^(\d+) \((.*)\) (\S) (\d+) (\d+)/.exec(stat);
  const [, pid = '', name = '', state = '', parent = ''] = match ?? [];
  if (match === null || pid === '2' || parent === '2') return [];
  return [`${name}${state === 'Z' ? ', a zombie' : ''}`];
}

/** State 0A of TCP is LISTEN; of UDP all are told. */
function listeningLine(line: string): string[] {
  const match = /^\s*\d+: ([0-9A-F]+:[0-9A-F]+) [0-9A-F:]+ (0A|07) /.exec(line);
  return match?.[1] === undefined ? [] : [`${match[2] === '0A' ? 'tcp' : 'udp'} ${match[1]}`];
}

function sortedOf(state: Readonly<Record<string, readonly string[]>>): KernelState {
  return Object.fromEntries(Object.entries(state).map(([kind, lines]) => [kind, [...lines].sort()]));
}
