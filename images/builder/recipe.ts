/** The two kinds of recipe: `layers/<name>/layer.json` and `recipes/<name>/recipe.json`. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { allowKeys, optionalString, readArray, readMap, readNumber, readObject, readString, readStrings } from './json.ts';

/** Unix permissions and numeric owner of one path. `mode` holds the permission bits with setuid, setgid and sticky. */
export interface Attributes {
  readonly mode?: number;
  readonly uid: number;
  readonly gid: number;
}

/** Replaces `find` by `replacement` exactly `count` times; anything else is an error, so that a new package version cannot slip past. */
export interface Replacement {
  readonly path: string;
  readonly find: string;
  readonly replacement: string;
  readonly count: number;
}

export type Step =
  | { readonly kind: 'ld-cache' }
  /** `except`: paths whose modules are compiled when somebody imports them, if ever. */
  | { readonly kind: 'python-bytecode'; readonly directories: readonly string[]; readonly except: readonly string[] }
  /** bin/busybox becomes the guest's (`kernel/dist/busybox`): the package's source with one option more. */
  | { readonly kind: 'guest-busybox' }
  | { readonly kind: 'busybox-applets' }
  | { readonly kind: 'compile'; readonly source: string; readonly output: string }
  | { readonly kind: 'concatenate'; readonly from: string; readonly to: string };

export interface LayerRecipe {
  readonly name: string;
  readonly parent: string | undefined;
  readonly comment: string;
  /** Debian 12 keeps /bin, /lib and /sbin as links into /usr; package archives still carry the old paths. */
  readonly usrMerge: boolean;
  readonly packages: readonly string[];
  /** Package name to the only paths taken from it (its copyright file is always taken). */
  readonly only: ReadonlyMap<string, readonly string[]>;
  readonly drop: readonly string[];
  readonly move: ReadonlyMap<string, string>;
  readonly copy: ReadonlyMap<string, string>;
  readonly replace: readonly Replacement[];
  readonly append: ReadonlyMap<string, string>;
  readonly links: ReadonlyMap<string, string>;
  readonly directories: ReadonlyMap<string, Attributes>;
  readonly attributes: ReadonlyMap<string, Attributes>;
  readonly steps: readonly Step[];
  /** Removed after the steps have run: what only the steps needed. */
  readonly discard: readonly string[];
}

export interface ImageRecipe {
  readonly name: string;
  readonly reference: string;
  readonly layer: string;
  readonly title: string;
  readonly description: string;
  /** The package whose version the image carries as its own, or undefined for a version in `version`. */
  readonly versionFrom: string | undefined;
  readonly version: string | undefined;
  readonly licenses: string;
  readonly entrypoint: readonly string[] | undefined;
  readonly cmd: readonly string[];
  readonly env: readonly string[];
  readonly workingDir: string | undefined;
  readonly exposedPorts: readonly string[];
  readonly stopSignal: string | undefined;
}

const LAYER_KEYS = [
  'parent',
  'comment',
  'usrMerge',
  'packages',
  'only',
  'drop',
  'move',
  'copy',
  'replace',
  'append',
  'links',
  'directories',
  'attributes',
  'steps',
  'discard',
];
const IMAGE_KEYS = [
  'reference',
  'layer',
  'title',
  'description',
  'versionFrom',
  'version',
  'licenses',
  'entrypoint',
  'cmd',
  'env',
  'workingDir',
  'exposedPorts',
  'stopSignal',
];

/** `"1777"` or `"0755 0:33"`: octal mode, then optionally numeric owner and group. */
function readAttributes(value: unknown, where: string): Attributes {
  const match = /^([0-7]{3,4})(?: (\d+):(\d+))?$/.exec(readString(value, where));
  if (!match) throw new Error(`${where}: expected "MODE [UID:GID]"`);
  return { mode: parseInt(match[1] ?? '', 8), uid: Number(match[2] ?? 0), gid: Number(match[3] ?? 0) };
}

function readReplacement(value: unknown, where: string): Replacement {
  const object = readObject(value, where);
  allowKeys(object, ['path', 'find', 'replacement', 'count'], where);
  return {
    path: readString(object['path'], `${where}.path`),
    find: readString(object['find'], `${where}.find`),
    replacement: readString(object['replacement'], `${where}.replacement`),
    count: readNumber(object['count'] ?? 1, `${where}.count`),
  };
}

function readStep(value: unknown, where: string): Step {
  const object = readObject(value, where);
  const kind = readString(object['kind'], `${where}.kind`);
  switch (kind) {
    case 'ld-cache':
    case 'guest-busybox':
    case 'busybox-applets':
      return { kind };
    case 'python-bytecode':
      return {
        kind,
        directories: readStrings(object['directories'], `${where}.directories`),
        except: readStrings(object['except'], `${where}.except`),
      };
    case 'compile':
      return { kind, source: readString(object['source'], `${where}.source`), output: readString(object['output'], `${where}.output`) };
    case 'concatenate':
      return { kind, from: readString(object['from'], `${where}.from`), to: readString(object['to'], `${where}.to`) };
    default:
      throw new Error(`${where}: unknown step ${kind}`);
  }
}

export function parseLayer(name: string, text: string): LayerRecipe {
  const where = `layers/${name}`;
  const object = readObject(JSON.parse(text), where);
  allowKeys(object, LAYER_KEYS, where);
  return {
    name,
    parent: optionalString(object['parent'], `${where}.parent`),
    comment: readString(object['comment'], `${where}.comment`),
    usrMerge: object['usrMerge'] === true,
    packages: readStrings(object['packages'], `${where}.packages`),
    only: readMap(object['only'], `${where}.only`, readStrings),
    drop: readStrings(object['drop'], `${where}.drop`),
    move: readMap(object['move'], `${where}.move`, readString),
    copy: readMap(object['copy'], `${where}.copy`, readString),
    replace: readArray(object['replace'] ?? [], `${where}.replace`).map((item, index) =>
      readReplacement(item, `${where}.replace[${index}]`),
    ),
    append: readMap(object['append'], `${where}.append`, readString),
    links: readMap(object['links'], `${where}.links`, readString),
    directories: readMap(object['directories'], `${where}.directories`, readAttributes),
    attributes: readMap(object['attributes'], `${where}.attributes`, readAttributes),
    steps: readArray(object['steps'] ?? [], `${where}.steps`).map((item, index) => readStep(item, `${where}.steps[${index}]`)),
    discard: readStrings(object['discard'], `${where}.discard`),
  };
}

export function parseImage(name: string, text: string): ImageRecipe {
  const where = `recipes/${name}`;
  const object = readObject(JSON.parse(text), where);
  allowKeys(object, IMAGE_KEYS, where);
  return {
    name,
    reference: readString(object['reference'], `${where}.reference`),
    layer: readString(object['layer'], `${where}.layer`),
    title: readString(object['title'], `${where}.title`),
    description: readString(object['description'], `${where}.description`),
    versionFrom: optionalString(object['versionFrom'], `${where}.versionFrom`),
    version: optionalString(object['version'], `${where}.version`),
    licenses: readString(object['licenses'], `${where}.licenses`),
    entrypoint: object['entrypoint'] === undefined ? undefined : readStrings(object['entrypoint'], `${where}.entrypoint`),
    cmd: readStrings(object['cmd'], `${where}.cmd`),
    env: readStrings(object['env'], `${where}.env`),
    workingDir: optionalString(object['workingDir'], `${where}.workingDir`),
    exposedPorts: readStrings(object['exposedPorts'], `${where}.exposedPorts`),
    stopSignal: optionalString(object['stopSignal'], `${where}.stopSignal`),
  };
}

export function loadImages(folder: string): ImageRecipe[] {
  const names = readdirSync(join(folder, 'recipes')).sort();
  return names.map((name) => parseImage(name, readFileSync(join(folder, 'recipes', name, 'recipe.json'), 'utf8')));
}

/** All layers, parents before children. */
export function loadLayers(folder: string): LayerRecipe[] {
  const names = readdirSync(join(folder, 'layers')).sort();
  const waiting = new Map(names.map((name) => [name, parseLayer(name, readFileSync(join(folder, 'layers', name, 'layer.json'), 'utf8'))]));
  const ordered: LayerRecipe[] = [];
  while (waiting.size > 0) {
    const ready = [...waiting.values()].filter((layer) => layer.parent === undefined || !waiting.has(layer.parent));
    if (ready.length === 0) throw new Error(`layers: ${[...waiting.keys()].join(', ')} are each other's parents`);
    for (const layer of ready) {
      ordered.push(layer);
      waiting.delete(layer.name);
    }
  }
  return ordered;
}
