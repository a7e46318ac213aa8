import { signalNames } from '../../grammar/signals.ts';
import { directives, files, fixed, names, nothing, type Ask, type Completer } from './completion.ts';
import { eventFilters } from './event-filters.ts';
import { logOptions } from './log-options.ts';
import { containerNames, contextNames, everyContainer, networks } from './objects.ts';
import { securityOptions } from './security-options.ts';

const capabilities =
  `CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID KILL SETGID SETUID SETPCAP LINUX_IMMUTABLE NET_BIND_SERVICE NET_BROADCAST
  NET_ADMIN NET_RAW IPC_LOCK IPC_OWNER SYS_MODULE SYS_RAWIO SYS_CHROOT SYS_PTRACE SYS_PACCT SYS_ADMIN SYS_BOOT SYS_NICE SYS_RESOURCE SYS_TIME
  SYS_TTY_CONFIG MKNOD LEASE AUDIT_WRITE AUDIT_CONTROL SETFCAP MAC_OVERRIDE MAC_ADMIN SYSLOG WAKE_ALARM BLOCK_SUSPEND AUDIT_READ PERFMON BPF
  CHECKPOINT_RESTORE`.split(/\s+/);

const list = (words: string, directive?: number): Completer => fixed(words.split(/\s+/), directive);

const platforms = list(
  `linux/386 linux/amd64 linux/arm linux/arm/v5 linux/arm/v6 linux/arm/v7 linux/arm64 linux/arm64/v8 linux/ppc64le linux/s390x linux/riscv64
  windows/amd64 wasip1/wasm`,
);
const capability = fixed(['ALL', ...capabilities.map((name) => `CAP_${name}`)]);
const signals = fixed(signalNames);
const restartPolicies = list('no always on-failure unless-stopped');
const environment: Completer = ({ context }) => Promise.resolve(names(Object.keys(context.session.env)));

/** Plugins of the daemon of one kind. */
const plugins =
  (kind: string): Completer =>
  async ({ context }) =>
    names((await context.client.get('/info')).get('Plugins').strings(kind));

/** A name space that may be another container's. */
const namespaces =
  (modes: readonly string[]): Completer =>
  async (ask) => {
    if (ask.typed.startsWith('container:')) return names((await containerNames(ask)).map((name) => `container:${name}`));
    return ask.typed !== '' && 'container:'.startsWith(ask.typed) ? names(['container:'], directives.noSpace) : names(modes);
  };

const links: Completer = async (ask) =>
  names(
    (await containerNames(ask)).map((name) => `${name}:`),
    directives.noSpace,
  );

/** Of `run` and `create`, where no flag is completed with files but the one that wants a file. */
const ofContainer: Readonly<Record<string, Completer>> = {
  attach: list('stderr stdin stdout'),
  'cap-add': capability,
  'cap-drop': capability,
  cgroupns: list('host private'),
  env: environment,
  'env-file': files,
  ipc: namespaces(['container:', 'host', 'none', 'private', 'shareable']),
  link: links,
  'log-driver': plugins('Log'),
  'log-opt': logOptions,
  network: networks,
  pid: namespaces(['container:', 'host']),
  platform: platforms,
  pull: list('always missing never'),
  restart: restartPolicies,
  'security-opt': securityOptions,
  'stop-signal': signals,
  'storage-opt': list('size=', directives.noSpace),
  ulimit: list(
    `as= chroot= core= cpu= data= fsize= locks= maxlogins= maxsyslogins= memlock= msgqueue= nice= nofile= nproc= priority= rss= rtprio=
    sigpending= stack=`,
    directives.noSpace,
  ),
  userns: list('host'),
  uts: list('host'),
  'volume-driver': plugins('Volume'),
  'volumes-from': everyContainer,
};

const kinds = list('config container image network node plugin secret service task volume');
const flagsOf: Readonly<Record<string, Readonly<Record<string, Completer>>>> = {
  '': { context: async (ask) => names(await contextNames(ask)), 'log-level': list('debug info warn error fatal panic') },
  create: ofContainer,
  events: { filter: eventFilters },
  exec: { env: environment },
  inspect: { type: kinds, format: nothing },
  kill: { signal: signals },
  restart: { signal: signals },
  // `create` has no such flag value: docker's own client leaves it out there.
  run: { ...ofContainer, 'detach-keys': list('ctrl-', directives.noSpace) },
  stop: { signal: signals },
  update: { restart: restartPolicies },
};

/** @param path the command's, '' for the global flags */
export function flagValues(path: string, flag: string): (ask: Ask) => ReturnType<Completer> {
  const name = path === 'container inspect' ? path : path.replace(/^(?:container|system) /, '');
  if (flag === 'platform' && !path.endsWith('build')) return platforms;
  return flagsOf[name]?.[flag] ?? (name === 'run' || name === 'create' ? nothing : files);
}
