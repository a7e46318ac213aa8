/** Reads an OCI image layout back, trusting nothing in it. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { sha256 } from './digest.ts';
import { readArray, readMap, readNumber, readObject, readString, readStrings, type JsonObject } from './json.ts';
import { type Descriptor } from './oci.ts';

export interface IndexEntry extends Descriptor {
  /** The full reference: annotation `org.opencontainers.image.ref.name`. */
  readonly reference: string;
  readonly architecture: string;
  readonly os: string;
}

export interface ImageConfig {
  readonly architecture: string;
  readonly os: string;
  readonly created: string;
  readonly diffIds: readonly string[];
  readonly labels: ReadonlyMap<string, string>;
  readonly env: readonly string[];
  readonly cmd: readonly string[];
  readonly entrypoint: readonly string[];
  /** History entries that stand for a layer. */
  readonly layerCount: number;
}

export interface LayoutImage {
  readonly entry: IndexEntry;
  readonly manifest: { readonly config: Descriptor; readonly layers: readonly Descriptor[] };
  readonly config: ImageConfig;
}

export function blobPath(layout: string, digest: string): string {
  const match = /^sha256:([0-9a-f]{64})$/.exec(digest);
  if (!match?.[1]) throw new Error(`${digest}: not a SHA-256 digest`);
  return join(layout, 'blobs/sha256', match[1]);
}

export function readBlob(layout: string, descriptor: Descriptor): Buffer {
  const data = readFileSync(blobPath(layout, descriptor.digest));
  if (data.length !== descriptor.size)
    throw new Error(`${descriptor.digest}: ${data.length} bytes, its descriptor says ${descriptor.size}`);
  if (`sha256:${sha256(data)}` !== descriptor.digest) throw new Error(`${descriptor.digest}: its content has another digest`);
  return data;
}

function readJson(data: Buffer, where: string): JsonObject {
  return readObject(JSON.parse(data.toString('utf8')), where);
}

function readDescriptor(value: unknown, where: string): Descriptor {
  const object = readObject(value, where);
  return {
    mediaType: readString(object['mediaType'], `${where}.mediaType`),
    digest: readString(object['digest'], `${where}.digest`),
    size: readNumber(object['size'], `${where}.size`),
  };
}

function readIndexEntry(value: unknown, where: string): IndexEntry {
  const object = readObject(value, where);
  const platform = readObject(object['platform'], `${where}.platform`);
  const annotations = readMap(object['annotations'], `${where}.annotations`, readString);
  return {
    ...readDescriptor(value, where),
    reference: readString(annotations.get('org.opencontainers.image.ref.name'), `${where}: ref.name`),
    architecture: readString(platform['architecture'], `${where}.platform.architecture`),
    os: readString(platform['os'], `${where}.platform.os`),
  };
}

export function readIndex(layout: string): IndexEntry[] {
  const version = readJson(readFileSync(join(layout, 'oci-layout')), 'oci-layout')['imageLayoutVersion'];
  if (version !== '1.0.0') throw new Error(`oci-layout: unknown version ${String(version)}`);
  const index = readJson(readFileSync(join(layout, 'index.json')), 'index.json');
  return readArray(index['manifests'], 'index.manifests').map((item, at) => readIndexEntry(item, `index.manifests[${at}]`));
}

function readConfig(data: Buffer, where: string): ImageConfig {
  const object = readJson(data, where);
  const config = readObject(object['config'], `${where}.config`);
  const rootfs = readObject(object['rootfs'], `${where}.rootfs`);
  const history = readArray(object['history'], `${where}.history`).map((item) => readObject(item, `${where}.history`));
  return {
    architecture: readString(object['architecture'], `${where}.architecture`),
    os: readString(object['os'], `${where}.os`),
    created: readString(object['created'], `${where}.created`),
    diffIds: readStrings(rootfs['diff_ids'], `${where}.diff_ids`),
    labels: readMap(config['Labels'], `${where}.Labels`, readString),
    env: readStrings(config['Env'], `${where}.Env`),
    cmd: readStrings(config['Cmd'], `${where}.Cmd`),
    entrypoint: readStrings(config['Entrypoint'], `${where}.Entrypoint`),
    layerCount: history.filter((item) => item['empty_layer'] !== true).length,
  };
}

export function readEntry(layout: string, entry: IndexEntry): LayoutImage {
  const where = entry.reference;
  const object = readJson(readBlob(layout, entry), where);
  const config = readDescriptor(object['config'], `${where}.config`);
  const layers = readArray(object['layers'], `${where}.layers`).map((item, at) => readDescriptor(item, `${where}.layers[${at}]`));
  return { entry, manifest: { config, layers }, config: readConfig(readBlob(layout, config), `${where} config`) };
}

/** The image of a full reference such as `docker.io/library/nginx:latest`. */
export function readImage(layout: string, reference: string): { readonly layers: readonly Descriptor[]; readonly config: ImageConfig } {
  const entry = readIndex(layout).find((item) => item.reference === reference);
  if (entry === undefined) throw new Error(`${reference}: not in the layout`);
  const { manifest, config } = readEntry(layout, entry);
  return { layers: manifest.layers, config };
}
