import { readFileSync } from 'node:fs';

export interface NamedCase {
  readonly name: string;
  readonly text: string;
}

/** Of a file of `=== NAME`, each before its text; <CR> and <BOM> stand for what an editor would take away. */
export function readNamedCases(path: string): readonly NamedCase[] {
  const parts = readFileSync(path, 'utf8')
    .split(/^=== (.*)\n/m)
    .slice(1);
  return parts.flatMap((name, index) => {
    if (index % 2 === 1) return [];
    return [{ name, text: (parts[index + 1] ?? '').replaceAll('<CR>', '\r').replaceAll('<BOM>', '\ufeff') }];
  });
}
