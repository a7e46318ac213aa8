import type { Fact, FactResult } from '../../protocol/facts.ts';
import { errno } from '../runtime.ts';

export interface DeviceNode {
  readonly type: 'b' | 'c';
  readonly major: number;
  readonly minor: number;
}

const nothing: FactResult = { errno: 0, text: '', names: [], stat: null };

/** Answers a question about a tree of texts and device nodes; folders are what has something below. */
export function answerFact(
  { op, path: asked }: Fact,
  tree: ReadonlyMap<string, string>,
  devices: ReadonlyMap<string, DeviceNode>,
): FactResult {
  const path = asked.replace(/\/\.?$/, '');
  const text = tree.get(path);
  const device = devices.get(path);
  const below = [...tree.keys(), ...devices.keys()].filter((name) => name.startsWith(`${path}/`));
  if (text === undefined && device === undefined && below.length === 0 && asked !== '/') return { ...nothing, errno: errno.ENOENT };
  if (op === 'read' || op === 'readlink') return { ...nothing, text: text ?? '' };
  if (op === 'list') return { ...nothing, names: [...new Set(below.map((name) => name.slice(path.length + 1).split('/')[0] ?? ''))] };
  const folder = text === undefined ? 0o040755 : 0o100644;
  return {
    ...nothing,
    stat: {
      mode: device === undefined ? folder : device.type === 'b' ? 0o060660 : 0o020660,
      size: text?.length ?? 4096,
      uid: 0,
      gid: 0,
      mtime: 0,
      rdev: device === undefined ? 0 : (device.major << 8) | device.minor,
      ino: path.length * 1000 + [...tree.keys()].indexOf(path),
      dev: 1,
      link: '',
    },
  };
}
