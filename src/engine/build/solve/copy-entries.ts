/** What COPY and ADD write, as an archive that is unpacked at the root of the layers below (tonistiigi/fsutil: copy). */
import { AppError } from '../../../base/errors.ts';
import { createPace } from '../../../base/pace.ts';
import type { TarHeader } from '../../../base/tar/entry.ts';
import type { TarInput } from '../../../base/tar/write.ts';
import type { ChangeMode } from '../../../grammar/chmod.ts';
import { excluding } from '../context/copy-sources.ts';
import { rootOwner, type Owner } from './owner.ts';
import { isFolder, type Place } from './place.ts';

/** A source, wherever it is from. */
export interface Piece {
  /** Below a destination that is a folder. */
  readonly name: string;
  readonly isFolder: boolean;
  /** Seconds since the epoch. */
  readonly modified: number;
  readonly mayUnpack: boolean;
  /** As of SourceFiles.walk. */
  walk(): AsyncIterable<TarInput>;
  /** A file below it, by its relative name, under the name ''. */
  walkFile(path: string): AsyncIterable<TarInput>;
}

export interface Changes {
  /** null: owners stay. */
  readonly owner: Owner | null;
  /** null: modes stay. */
  readonly mode: ChangeMode | null;
  /** Of folders that are made on the way. */
  readonly folderMode: number;
  readonly exclude: readonly string[];
}

interface Attributes extends Owner {
  readonly mode: number;
}

/** Where it all goes, and what is there by now. */
export class CopyTarget {
  readonly path: string;
  readonly #place: Place;
  readonly #changes: Changes;
  readonly #now: number;
  readonly #mustBeFolder: boolean;
  #missing: readonly string[];
  /** null: nothing is there. */
  #there: Attributes | 'other' | null;

  /** @param mustBeFolder a slash stands at its end @param now seconds since the epoch */
  constructor(place: Place, changes: Changes, { mustBeFolder, now }: { readonly mustBeFolder: boolean; readonly now: number }) {
    this.path = place.path;
    this.#place = place;
    this.#changes = changes;
    this.#now = now;
    this.#mustBeFolder = mustBeFolder;
    this.#missing = place.missing;
    const { stat } = place;
    this.#there = stat === null ? null : isFolder(stat) ? { mode: stat.mode & 0o7777, uid: stat.uid, gid: stat.gid } : 'other';
  }

  /** @throws AppError invalid in BuildKit's words; what the pieces reject with */
  async *copy(pieces: readonly Piece[]): AsyncGenerator<TarInput, void> {
    const { folderMode } = this.#changes;
    const last = pieces.at(-1);
    // Once for all of them: what was copied last counts.
    const time = last?.isFolder === true ? last.modified : this.#now;
    let isDated = false;
    for (const piece of pieces) {
      if (piece.isFolder && !this.#mustBeFolder && this.#there === 'other') throw new NotFolderError(this.path);
      if ((piece.isFolder && !isDated) || (this.#mustBeFolder && !this.#isFolder)) {
        yield* this.#folder(folderMode, time);
        isDated = true;
      }
      if (piece.isFolder) yield* this.#below(piece, this.path);
      else if (this.#isFolder) yield* this.#below(piece, joined(this.path, piece.name));
      else {
        yield* this.#parents(folderMode);
        this.#there = 'other';
        yield* this.#below(piece, this.path);
      }
    }
  }

  /** Makes it where it is missing. @throws AppError invalid "mkdir /x: not a directory" */
  *folder(mode: number): Generator<TarInput, void> {
    if (!this.#isFolder) yield* this.#folder(mode, this.#now);
  }

  get #isFolder(): boolean {
    return this.#there !== null && this.#there !== 'other';
  }

  *#folder(mode: number, time: number): Generator<TarInput, void> {
    if (this.#there === 'other') throw notDirectory(this.path);
    yield* this.#parents(mode);
    this.#there ??= { mode, ...(this.#changes.owner ?? rootOwner) };
    yield folderOf(this.path, this.#there, time);
  }

  *#parents(mode: number): Generator<TarInput, void> {
    if (this.#place.blocked !== null) throw notDirectory(this.#place.blocked);
    for (const path of this.#missing) yield folderOf(path, { mode, ...(this.#changes.owner ?? rootOwner) }, this.#now);
    this.#missing = [];
  }

  async *#below(piece: Piece, target: string): AsyncGenerator<TarInput, void> {
    const filter = await excluding(this.#changes.exclude);
    const left = new Map<string, TarHeader>();
    const pace = createPace();
    const links = new Links(piece);
    for await (const input of links.follow(this.#changes.exclude.length > 0)) {
      if (pace.isDue()) await pace.turn();
      const { header } = input;
      const admission = filter(header.path, header.type === 'directory');
      if (admission.kind === 'taken') {
        for (const parent of admission.parents) {
          const folder = left.get(parent);
          if (folder !== undefined) yield { header: this.#changed(folder, target) };
        }
        yield* links.taken({ ...input, header: this.#changed(header, target) }, header, target);
      } else if (header.type === 'directory') left.set(header.path, header);
    }
  }

  #changed(header: TarHeader, target: string): TarHeader {
    const { owner, mode } = this.#changes;
    const changesMode = mode !== null && header.type !== 'symlink';
    return {
      ...header,
      path: entryName(joined(target, header.path)),
      link: header.type === 'hardlink' ? entryName(joined(target, header.link)) : header.link,
      mode: changesMode ? mode(header.mode, header.type === 'directory') : header.mode,
      ...(owner ?? {}),
    };
  }
}

/** Hard links of a walk of which the first name may be left out: the next one is the file then. */
class Links {
  readonly #piece: Piece;
  /** By the first name, that under which it was taken; only where something is left out. */
  readonly #names = new Map<string, string>();
  #tracks = false;

  constructor(piece: Piece) {
    this.#piece = piece;
  }

  follow(tracks: boolean): AsyncIterable<TarInput> {
    this.#tracks = tracks;
    return this.#piece.walk();
  }

  /** @param original as it was walked */
  async *taken(input: TarInput, original: TarHeader, target: string): AsyncGenerator<TarInput, void> {
    const { header } = input;
    if (!this.#tracks) return yield input;
    if (original.type !== 'hardlink') {
      if (original.type !== 'directory') this.#names.set(original.path, original.path);
      return yield input;
    }
    const first = this.#names.get(original.link);
    if (first !== undefined) return yield { header: { ...header, link: entryName(joined(target, first)) } };
    this.#names.set(original.link, original.path);
    for await (const { header: file, contents } of this.#piece.walkFile(original.path)) {
      const whole = { ...file, path: header.path, mode: header.mode, uid: header.uid, gid: header.gid };
      yield contents === undefined ? { header: whole } : { header: whole, contents };
    }
  }
}

/** A folder where something else is; `path` is the tree's. */
export class NotFolderError extends AppError {
  readonly path: string;

  constructor(path: string) {
    super('invalid', `cannot copy to non-directory: ${path}`);
    this.path = path;
  }
}

function notDirectory(path: string): AppError {
  return new AppError('invalid', `mkdir ${path}: not a directory`);
}

/** A folder as an entry at the root of an archive. @param modified seconds since the epoch */
export function folderOf(path: string, { mode, uid, gid }: Attributes, modified: number): TarInput {
  const rest = { link: '', major: 0, minor: 0, xattrs: new Map<string, Uint8Array>(), size: 0 };
  return { header: { path: `${entryName(path)}/`, type: 'directory', mode, uid, gid, mtime: modified, ...rest } };
}

function joined(folder: string, name: string): string {
  if (name === '') return folder;
  return folder === '/' ? `/${name}` : `${folder}/${name}`;
}

function entryName(path: string): string {
  return path === '/' ? '.' : path.slice(1);
}
