import { parseDocument } from 'yaml';
import { AppError } from '../../base/errors.ts';

const fence = /^---\r?\n([\s\S]*?)\r?\n---(?:\r?\n|$)/;

/** @throws AppError `invalid` naming the file */
export function splitFrontMatter(source: string, file: string): { readonly front: unknown; readonly prose: string } {
  const found = fence.exec(source);
  if (found === null) throw new AppError('invalid', `${file}: (top): front matter between two lines of --- is missing`);
  return { front: parseYaml(found[1] ?? '', file), prose: source.slice(found[0].length) };
}

/** YAML 1.2. A key given twice and any warning are errors. */
export function parseYaml(source: string, file: string): unknown {
  const document = parseDocument(source, { uniqueKeys: true, prettyErrors: true });
  const [problem] = [...document.errors, ...document.warnings];
  if (problem !== undefined) throw new AppError('invalid', `${file}: (top): ${problem.message}`);
  const value: unknown = document.toJS({ maxAliasCount: 0 });
  return value;
}
