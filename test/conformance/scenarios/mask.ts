import type { Said } from './format.ts';

/** Makes what one engine said comparable with what another did: what is drawn by chance or told by the clock gets a name. One for a whole scenario. */
export type Mask = (said: Said) => Said;

/** @param folder that the lines are typed in */
export function createMask(folder: string): Mask {
  const ids = new Map<string, number>();
  /** The same ID has the same number throughout, long or short. */
  const numbered = (id: string): string => {
    const short = id.slice(0, 12);
    const number = ids.get(short) ?? ids.size + 1;
    ids.set(short, number);
    return `<${id.length === 64 ? 'id' : 'short id'} ${number}>`;
  };
  const text = (from: string): string =>
    from
      .replaceAll(folder, '<folder>')
      .replaceAll('\r\n', '<cr>\n')
      .replace(/(?<![\w:.-])[0-9a-f]{64}(?![\w.])/g, numbered)
      .replace(/(?<=sha256:)[0-9a-f]{64}/g, numbered)
      .replace(/(?<![\w:.-])(?=[0-9a-f]*[a-f])(?=[0-9a-f]*\d)[0-9a-f]{12}(?![\w.])/g, numbered)
      .replace(/(?<=sha256:)[0-9a-f]{12}(?![0-9a-f])/g, numbered)
      .replace(/\b(?!0001-)\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?( ?(Z|[+-]\d\d:?\d\d))?( UTC)?/g, '<time>')
      .replace(/\b(Less than a second|About an? \w+|\d+ (second|minute|hour|day|week|month|year)s?)\b/g, '<while>')
      .replace(/(?<=it ships these images: ).*/g, '<names>')
      .replace(/\b[0-9a-f]{2}(:[0-9a-f]{2}){5}\b/g, '<mac>')
      // What the client says of its own when an upload is refused, or does not, as it happens.
      .replace(/^time="<time>" level=error .*\n/gm, '')
      .replace(/(?<=\S) {2,}/g, '  ');
  return ({ stdout, stderr, status }) => ({ stdout: text(stdout), stderr: text(stderr), status });
}
