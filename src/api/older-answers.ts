import type { ContainerSummary, ImageInspect, ImageSummary, SystemInfo } from '../protocol/engine-api.ts';
import { isAtLeast, type Call } from './call.ts';

/** What answers were to clients of an older version: Docker's API version history, as Docker 28.5 keeps it. `older-clients.ts` is the other way. */
const containerPart = {
  Hostname: '',
  Domainname: '',
  AttachStdin: false,
  AttachStdout: false,
  AttachStderr: false,
  Tty: false,
  OpenStdin: false,
  StdinOnce: false,
  Image: '',
};
const emptyConfig = {
  ...containerPart,
  User: '',
  Env: null,
  Cmd: null,
  Volumes: null,
  WorkingDir: '',
  Entrypoint: null,
  OnBuild: null,
  Labels: null,
};

/** Lists have annotations from 1.46 on. */
export function containerAnswer(call: Call, container: ContainerSummary): unknown {
  if (isAtLeast(call, '1.46')) return container;
  return { ...container, HostConfig: { NetworkMode: container.HostConfig.NetworkMode } };
}

/** The size had a second name until 1.43, and none of a kind of name was null until 1.42. */
export function imageAnswer(call: Call, image: ImageSummary): unknown {
  if (isAtLeast(call, '1.44')) return image;
  const { RepoTags: tags, RepoDigests: digests } = image;
  const names = isAtLeast(call, '1.43') ? {} : { RepoTags: orNull(tags), RepoDigests: orNull(digests) };
  return { ...image, ...names, VirtualSize: image.Size };
}

function orNull(names: readonly string[]): readonly string[] | null {
  return names.length === 0 ? null : names;
}

/** An image's configuration had a container's members until 1.49, and stood there twice, the second time empty, until 1.44. */
export function imageInspectAnswer(call: Call, image: ImageInspect): unknown {
  if (isAtLeast(call, '1.50')) return image;
  return {
    ...image,
    Config: { ...containerPart, ...image.Config },
    ...(isAtLeast(call, '1.45') ? {} : { ContainerConfig: emptyConfig }),
    ...(isAtLeast(call, '1.44') ? {} : { VirtualSize: image.Size }),
  };
}

/** What has gone since was false, null or the same twice at the end, whatever the host. */
export function infoAnswer(call: Call, info: SystemInfo): unknown {
  if (isAtLeast(call, '1.50')) return info;
  const { RegistryConfig: registries, RuncCommit: runc, FirewallBackend: firewall, ...rest } = info;
  const nondistributable = { AllowNondistributableArtifactsCIDRs: null, AllowNondistributableArtifactsHostnames: null };
  return {
    ...rest,
    RegistryConfig: registries,
    RuncCommit: runc,
    ...(isAtLeast(call, '1.49') ? { FirewallBackend: firewall } : {}),
    BridgeNfIptables: false,
    BridgeNfIp6tables: false,
    ...(isAtLeast(call, '1.49') ? {} : { RuncCommit: { ...runc, Expected: runc.ID } }),
    ...(isAtLeast(call, '1.47') ? {} : { RegistryConfig: { ...nondistributable, ...registries } }),
  };
}
