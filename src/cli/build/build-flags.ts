/** The flags of `docker buildx build`. */
import { parseUlimit, type Ulimit } from '../flags/container-values.ts';
import type { FlagSet, Flag } from '../flags/flag-set.ts';
import { none, partial } from '../flags/support.ts';

export interface BuildFlags {
  readonly hosts: Flag<readonly string[]>;
  readonly buildArgs: Flag<readonly string[]>;
  readonly call: Flag<string>;
  readonly cgroupParent: Flag<string>;
  readonly check: Flag<boolean>;
  readonly file: Flag<string>;
  readonly idFile: Flag<string>;
  readonly labels: Flag<readonly string[]>;
  readonly load: Flag<boolean>;
  readonly metadataFile: Flag<string>;
  readonly network: Flag<string>;
  readonly noCache: Flag<boolean>;
  readonly noCacheFilter: Flag<readonly string[]>;
  readonly outputs: Flag<readonly string[]>;
  readonly platforms: Flag<readonly string[]>;
  readonly progress: Flag<string>;
  readonly pull: Flag<boolean>;
  readonly push: Flag<boolean>;
  readonly quiet: Flag<boolean>;
  readonly secrets: Flag<readonly string[]>;
  readonly shmSize: Flag<number>;
  readonly tags: Flag<readonly string[]>;
  readonly target: Flag<string>;
  readonly ulimits: Flag<readonly Ulimit[]>;
}

const held = partial('works; not yet held against Docker line by line');
const cacheStays = none('the cache of builds stays in the engine, and is neither written out nor read in');
const oneContext = none('a build reads one context yet; `COPY --from` reads images and stages');
const later = none('it is not there yet');
const noAgent = none('there is no SSH agent in this playground to forward');

export function buildFlags(flags: FlagSet): BuildFlags {
  const strings = (name: string, short: string, usage: string, support = held): Flag<readonly string[]> =>
    flags.collect(name, short, usage, support, { type: 'stringArray', repeats: true }, (text) => text);
  const shape = { type: 'strings', repeats: true };
  const hosts = flags.collect('add-host', '', 'Add a custom host-to-IP mapping (format: "host:ip")', held, shape, (text) => text);
  strings('allow', '', 'Allow extra privileged entitlement (e.g., "network.host", "security.insecure", "device")', later);
  strings(
    'annotation',
    '',
    'Add annotation to the image',
    none('images are kept as by Docker with overlay2, which keeps no annotations; --label is kept'),
  );
  strings(
    'attest',
    '',
    'Attestation parameters (format: "type=sbom,generator=image")',
    none('images of the playground carry no attestations'),
  );
  const buildArgs = strings('build-arg', '', 'Set build-time variables');
  strings('build-context', '', 'Additional build contexts (e.g., name=path)', oneContext);
  flags.string('builder', '', 'Override the configured builder instance', none('there is one builder, the engine itself'));
  strings('cache-from', '', 'External cache sources (e.g., "user/app:cache", "type=local,src=path/to/dir")', cacheStays);
  strings('cache-to', '', 'Cache export destinations (e.g., "user/app:cache", "type=local,dest=path/to/dir")', cacheStays);
  const call = flags.string(
    'call',
    '',
    'Set method for evaluating build ("check", "outline", "targets")',
    partial('"check" and "targets"; "outline" is not there yet'),
    'build',
  );
  const cgroupParent = flags.string('cgroup-parent', '', 'Set the parent cgroup for the "RUN" instructions during build', held);
  const check = flags.bool('check', '', 'Shorthand for "--call=check"', held);
  flags.bool('debug', 'D', 'Enable debug logging', partial('accepted; this client writes no debug log'));
  const file = flags.string('file', 'f', 'Name of the Dockerfile (default: "PATH/Dockerfile")', held);
  const idFile = flags.string('iidfile', '', 'Write the image ID to a file', held);
  const labels = strings('label', '', 'Set metadata for an image');
  const load = flags.bool('load', '', 'Shorthand for "--output=type=docker"', held);
  const metadataFile = flags.string('metadata-file', '', 'Write build result metadata to a file', held);
  const network = flags.string('network', '', 'Set the networking mode for the "RUN" instructions during build', held, 'default');
  const noCache = flags.bool('no-cache', '', 'Do not use cache when building the image', held);
  const noCacheFilter = strings('no-cache-filter', '', 'Do not cache specified stages');
  const outputs = strings('output', 'o', 'Output destination (format: "type=local,dest=path")');
  const platforms = strings('platform', '', 'Set target platform for build', partial('linux/386 only: the guest runs no other'));
  const words = '("auto", "none",  "plain", "quiet", "rawjson", "tty"). Use plain to show container output';
  const progress = flags.string('progress', '', `Set type of progress output ${words}`, held, 'auto');
  flags.string('provenance', '', 'Shorthand for "--attest=type=provenance"', none('images of the playground carry no attestations'));
  const pull = flags.bool('pull', '', 'Always attempt to pull all referenced images', held);
  const push = flags.bool('push', '', 'Shorthand for "--output=type=registry"', held);
  const quiet = flags.bool('quiet', 'q', 'Suppress the build output and print image ID on success', held);
  flags.string('sbom', '', 'Shorthand for "--attest=type=sbom"', none('images of the playground carry no attestations'));
  const secrets = strings('secret', '', 'Secret to expose to the build (format: "id=mysecret[,src=/local/secret]")');
  const shmSize = flags.bytes('shm-size', '', 'Shared memory size for build containers', held);
  strings('ssh', '', 'SSH agent socket or keys to expose to the build (format: "default|<id>[=<socket>|<key>[,<key>]]")', noAgent);
  const tags = strings('tag', 't', 'Name and optionally a tag (format: "name:tag")');
  const target = flags.string('target', '', 'Set the target build stage to build', held);
  const ulimits = flags.collect('ulimit', '', 'Ulimit options', held, { type: 'ulimit', shownDefault: '[]', repeats: true }, parseUlimit);
  // Of the classic builder: accepted, as buildx does.
  flags.hidden('rm', 'Remove intermediate containers after a successful build');
  flags.hidden('force-rm', 'Always remove intermediate containers');
  return {
    hosts,
    buildArgs,
    call,
    cgroupParent,
    check,
    file,
    idFile,
    labels,
    load,
    metadataFile,
    network,
    noCache,
    noCacheFilter,
    outputs,
    platforms,
    progress,
    pull,
    push,
    quiet,
    secrets,
    shmSize,
    tags,
    target,
    ulimits,
  };
}
