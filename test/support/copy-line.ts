import type { CopyRequest } from '../../src/engine/build/solve/copy-step.ts';

type Said = Pick<CopyRequest, 'kind' | 'sources' | 'destination' | 'chown' | 'chmod' | 'exclude' | 'unpack'>;

/** A line `COPY …` or `ADD …` as a build asks for it, from a working directory that is the root. */
export function copyLine(line: string): Said {
  const [instruction = '', ...words] = line.trim().split(/\s+(?![^[]*"\])/);
  const flags = words.filter((word) => word.startsWith('--')).map((word) => word.slice(2).split(/=(.*)/s));
  const flag = (name: string): string => flags.find(([key]) => key === name)?.[1] ?? '';
  const rest = words.filter((word) => !word.startsWith('--')).join(' ');
  const list: unknown = rest.startsWith('["') ? JSON.parse(rest) : rest.split(' ').map((word) => word.replace(/\\(.)/g, '$1'));
  const paths = (list as readonly string[]).slice(0, -1);
  const destination = (list as readonly string[]).at(-1) ?? '';
  return {
    kind: instruction === 'ADD' ? 'add' : 'copy',
    sources: paths,
    destination: destination === '.' ? '/' : destination,
    chown: flag('chown'),
    chmod: flag('chmod'),
    exclude: flags.filter(([key]) => key === 'exclude').map(([, value = '']) => value),
    unpack: !flags.some(([key]) => key === 'unpack') ? null : flag('unpack') !== 'false',
  };
}
