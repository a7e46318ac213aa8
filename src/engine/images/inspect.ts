import type { ImageInspect } from '../../protocol/engine-api.ts';
import { rfc3339Nano } from '../../grammar/time.ts';
import type { ImagesContext } from './context.ts';
import { layerPath } from './layer-store.ts';
import { checkPlatform } from './platform.ts';
import { digestsOf, directoryOf, tagsOf } from './records.ts';

export function inspectImage({ records, layers, layerRoot }: ImagesContext, name: string, platform = ''): ImageInspect {
  const { image } = records.find(name);
  const { config } = image;
  checkPlatform(platform, name, config);
  const names = records.namesOf(image.id);
  const directories = [...config.rootfs.diff_ids].reverse().map((diffId) => layerPath(layerRoot, directoryOf(layers, diffId)));
  const [top, ...lower] = directories;
  return {
    Id: image.id,
    RepoTags: tagsOf(names),
    RepoDigests: digestsOf(names),
    Parent: image.parent,
    Comment: config.history?.at(-1)?.comment ?? '',
    Created: config.created ?? '',
    DockerVersion: '',
    Author: config.author ?? '',
    Config: config.config,
    Architecture: config.architecture,
    ...(config.variant === undefined ? {} : { Variant: config.variant }),
    Os: config.os,
    Size: image.size,
    GraphDriver: {
      Data: { ...(lower.length === 0 ? {} : { LowerDir: lower.join(':') }), ...(top === undefined ? {} : { UpperDir: top }) },
      Name: 'overlay2',
    },
    RootFS: { Type: config.rootfs.type, Layers: config.rootfs.diff_ids },
    Metadata: { LastTagTime: rfc3339Nano(image.taggedAt) },
  };
}
