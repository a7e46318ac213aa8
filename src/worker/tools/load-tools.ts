import { sha256 } from '@noble/hashes/sha2.js';
import { toHex, utf8 } from '../../base/bytes.ts';
import { toAppError } from '../../base/errors.ts';
import type { ImmutableTree } from '../../base/file-tree.ts';
import { readAll } from '../../base/streams.ts';
import { blobReader, type BlobSource } from './blobs.ts';
import { dockerPages } from './docker-pages.ts';
import { parseToolIndex, toolTree } from './tool-tree.ts';

const largestIndex = 4 * 1024 * 1024;

/** The tools as a tree of files that are loaded when they are opened. `name` stands for all contents. Rejects when the index cannot be had; told of as well. */
export async function loadTools(source: BlobSource): Promise<{ readonly name: string; readonly tree: ImmutableTree }> {
  try {
    const text = await readAll(await source.open('index.json'), largestIndex);
    const pages = dockerPages();
    const hash = sha256.create().update(text);
    for (const { path, contents } of pages) hash.update(utf8(`${path}\n`)).update(contents);
    const tree = toolTree(parseToolIndex(new TextDecoder().decode(text)), pages, blobReader(source));
    return { name: toHex(hash.digest()), tree };
  } catch (thrown) {
    source.onFailure(`the guest's tools could not be loaded: ${toAppError(thrown).message}`);
    throw thrown;
  }
}
