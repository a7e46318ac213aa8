/** The store of contexts as docker keeps it in its folder (docker/cli: cli/context/store): one folder each, by the hash of the name. */
import { sha256 } from '@noble/hashes/sha2.js';
import { toHex, utf8 } from '../../base/bytes.ts';
import { StatusError, messageOf } from '../errors.ts';
import { compareNatural } from '../format/natural-order.ts';
import { isObject, parseJson, writeJson, type Json, type JsonObject } from '../json.ts';
import type { ConfigFolder } from './config-folder.ts';

/** meta.json. */
export interface ContextMetadata {
  readonly Name: string;
  readonly Metadata: JsonObject;
  readonly Endpoints: JsonObject;
}

/** Contents of PEM files by `endpoint/file`: `docker/ca.pem`. */
export type TlsMaterial = ReadonlyMap<string, string>;

export const defaultName = 'default';

const metadataModes = { file: 0o644, folder: 0o755 };
const tlsModes = { file: 0o600, folder: 0o700 };
const validName = /^[a-zA-Z0-9][a-zA-Z0-9_.+-]+$/;

/** @throws StatusError for a name that no context can have */
export function validateName(name: string): void {
  if (name === '') throw new StatusError(1, 'context name cannot be empty');
  if (name === defaultName) throw new StatusError(1, '"default" is a reserved context name');
  if (!validName.test(name))
    throw new StatusError(1, `context name "${name}" is invalid, names are validated against regexp "${validName.source}"`);
}

export class ContextStore {
  readonly #folder: ConfigFolder;

  constructor(folder: ConfigFolder) {
    this.#folder = folder;
  }

  /** undefined: there is none of that name. @throws StatusError for one that cannot be read */
  async find(name: string): Promise<ContextMetadata | undefined> {
    return this.#read(idOf(name));
  }

  /** @throws StatusError `context "x": context not found: open …` */
  async get(name: string): Promise<ContextMetadata> {
    const found = await this.find(name);
    if (found !== undefined) return found;
    const file = this.#folder.at(`${metadataOf(idOf(name))}/meta.json`);
    throw new StatusError(1, `context "${name}": context not found: open ${file}: no such file or directory`);
  }

  /** By name, in natural order. */
  async list(): Promise<readonly ContextMetadata[]> {
    const found: ContextMetadata[] = [];
    for (const id of await this.#folder.list('contexts/meta')) {
      const context = await this.#read(id).catch((error: unknown) => {
        throw new StatusError(1, `failed to read metadata: ${messageOf(error)}`);
      });
      if (context !== undefined) found.push(context);
    }
    return found.sort((a, b) => compareNatural(a.Name, b.Name));
  }

  /** Creates or replaces. */
  async save({ Name, Metadata, Endpoints }: ContextMetadata): Promise<void> {
    const text = escapeHtml(writeJson({ Name, Metadata, Endpoints }));
    await this.#folder.write(`${metadataOf(idOf(Name))}/meta.json`, text, metadataModes);
  }

  async remove(name: string): Promise<void> {
    await this.#folder.remove(metadataOf(idOf(name)));
    await this.#folder.remove(tlsOf(idOf(name)));
  }

  /** Names of the files of each endpoint. */
  async tlsFiles(name: string): Promise<Readonly<Record<string, readonly string[]>>> {
    const folder = tlsOf(idOf(name));
    const found: Record<string, readonly string[]> = {};
    for (const endpoint of [...(await this.#folder.list(folder))].sort())
      found[endpoint] = [...(await this.#folder.list(`${folder}/${endpoint}`))].sort();
    return found;
  }

  async tls(name: string): Promise<TlsMaterial> {
    const material = new Map<string, string>();
    for (const [endpoint, files] of Object.entries(await this.tlsFiles(name)))
      for (const file of files)
        material.set(`${endpoint}/${file}`, (await this.#folder.read(`${tlsOf(idOf(name))}/${endpoint}/${file}`)) ?? '');
    return material;
  }

  /** In place of what there was. */
  async saveTls(name: string, material: TlsMaterial): Promise<void> {
    const folder = tlsOf(idOf(name));
    await this.#folder.remove(folder);
    for (const [file, contents] of material) await this.#folder.write(`${folder}/${file}`, contents, tlsModes);
  }

  /** Where it is kept, absolute. */
  storageOf(name: string): { readonly MetadataPath: string; readonly TLSPath: string } {
    const id = idOf(name);
    return { MetadataPath: this.#folder.at(metadataOf(id)), TLSPath: this.#folder.at(tlsOf(id)) };
  }

  async #read(id: string): Promise<ContextMetadata | undefined> {
    const file = `${metadataOf(id)}/meta.json`;
    const text = await this.#folder.read(file);
    if (text === null) return undefined;
    try {
      return metadataFrom(text);
    } catch (error) {
      throw new StatusError(1, `parsing ${this.#folder.at(file)}: ${messageOf(error)}`);
    }
  }
}

/** @throws SyntaxError */
export function metadataFrom(text: string): ContextMetadata {
  const json = parseJson(text);
  const { Name = '', Metadata = {}, Endpoints = {} } = isObject(json) ? json : {};
  if (typeof Name !== 'string')
    throw new SyntaxError('json: cannot unmarshal it into Go struct field untypedContextMetadata.Name of type string');
  return { Name, Metadata: objectOf(Metadata), Endpoints: objectOf(Endpoints) };
}

function objectOf(json: Json): JsonObject {
  return isObject(json) ? json : {};
}

/** As encoding/json writes it. */
export function escapeHtml(json: string): string {
  return json.replaceAll('<', '\\u003c').replaceAll('>', '\\u003e').replaceAll('&', '\\u0026');
}

function idOf(name: string): string {
  return toHex(sha256(utf8(name)));
}

function metadataOf(id: string): string {
  return `contexts/meta/${id}`;
}

function tlsOf(id: string): string {
  return `contexts/tls/${id}`;
}
