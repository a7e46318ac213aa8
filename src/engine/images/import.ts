import { AppError } from '../../base/errors.ts';
import { untilAborted, type ByteSource } from '../../base/streams.ts';
import { TarParser } from '../../base/tar/parser.ts';
import { rfc3339Nano } from '../../grammar/time.ts';
import { decompressed } from '../content/decompressed.ts';
import { addImage, takeLayer } from './add-image.ts';
import { applyChanges } from './changes/changes.ts';
import { logImageEvent, whileRunning, type ImagesContext } from './context.ts';
import { blankConfig, writeConfig } from './image-config.ts';
import { parsePlatform } from './platform.ts';
import { nameMade, referenceToTag } from './tag.ts';

export interface ImportOptions {
  /** '' = none. */
  readonly repository: string;
  readonly tag: string;
  readonly message: string;
  readonly changes: readonly string[];
  /** '' = the guest's own. */
  readonly platform: string;
  readonly signal: AbortSignal;
}

/**
 * POST /images/create?fromSrc=-: an archive of files as an image of one layer (daemon/images/image_import.go).
 * @returns the image's ID
 * @throws AppError invalid
 */
export async function importImage(context: ImagesContext, archive: ByteSource, options: ImportOptions): Promise<string> {
  const platform = parsePlatform(options.platform, context.platform);
  if (platform.os !== 'linux') throw new AppError('invalid', 'operating system is not supported');
  const reference = referenceToTag(options.repository, options.tag);
  const config = applyChanges(blankConfig, options.changes);
  return whileRunning(context, 'import', options.signal, async (signal) => {
    const tar = await decompressed(untilAborted(archive, signal), context.unpacking.inflate);
    const layer = await takeLayer(context, checkedTar(tar), signal);
    try {
      const created = context.clock.now();
      const comment = options.message === '' ? {} : { comment: options.message };
      const written = writeConfig({
        ...platform,
        ...comment,
        config,
        containerConfig: blankConfig,
        created,
        history: [{ created: rfc3339Nano(created), ...comment }],
        diffIds: [layer.diffId],
      });
      const id = await addImage(context, { config: written, layers: [layer], manifest: null, parent: '' }, signal);
      signal.throwIfAborted();
      if (reference !== null) nameMade(context, reference, id);
      logImageEvent(context.log, 'import', { actor: id, name: id, image: context.records.get(id) ?? null });
      return id;
    } finally {
      layer.dispose();
    }
  });
}

/** Bytes after the end of an archive that are taken with it. */
const mostAfterEnd = 1024 * 1024;

/** An archive as it comes, which rejects unless it is one to its end. */
function checkedTar(source: ByteSource): ByteSource {
  const parser = new TarParser({ entry: () => undefined });
  let after = 0;
  return {
    async read() {
      const chunk = after > mostAfterEnd ? null : await source.read();
      if (parser.ended) after += chunk?.length ?? 0;
      if (chunk === null) parser.finish();
      else parser.push(chunk);
      if (after > mostAfterEnd) source.cancel();
      return chunk;
    },
    cancel: (reason) => source.cancel(reason),
  };
}
