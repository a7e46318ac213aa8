import { fromUtf8 } from '../../base/bytes.ts';
import { ownValue } from '../../base/record.ts';
import type { Steps } from '../../base/steps.ts';
import type { CliContext } from '../context.ts';
import { FlagValueError, StatusError, messageOf } from '../errors.ts';

/** `-e NAME=value`, or `-e NAME`, which takes the value from the caller's environment. */
export function acceptEnvironment(text: string): string {
  if (text.split('=')[0] === '') throw new FlagValueError(`invalid environment variable: ${text}`);
  return text;
}

export function acceptLabel(text: string): string {
  const name = (text.split('=')[0] ?? '').replace(/^[ \t]+/, '');
  if (name === '') throw new FlagValueError(`invalid label '${text}': empty name`);
  if (/[ \t]/.test(name)) throw new FlagValueError(`label '${name}' contains whitespaces`);
  return text;
}

/** Files first, then flags; a later one wins in the container. */
export async function readEnvironment(context: CliContext, files: readonly string[], flags: readonly string[]): Promise<readonly string[]> {
  const { env } = context.session;
  const fromFiles: string[] = [];
  for (const path of files) fromFiles.push(...parseLines(path, await readText(context, path)));
  const withValue = (entry: string, unset: readonly string[]): readonly string[] => {
    if (entry.includes('=')) return [entry];
    const value = ownValue(env, entry);
    return value === undefined ? unset : [`${entry}=${value}`];
  };
  // A variable named by a flag and not set is unset in the container; one named in a file is left out.
  return [...fromFiles.flatMap((entry) => withValue(entry, [])), ...flags.flatMap((entry) => withValue(entry, [entry]))];
}

export async function readLabels(context: CliContext, files: readonly string[], flags: readonly string[]): Promise<readonly string[]> {
  const fromFiles: string[] = [];
  for (const path of files) fromFiles.push(...parseLines(path, await readText(context, path)));
  return [...fromFiles.filter((entry) => entry.includes('=')), ...flags];
}

async function readText(context: CliContext, path: string): Promise<string> {
  // The current folder is not meant by it.
  if (path === '') throw new StatusError(1, 'open : no such file or directory');
  try {
    return fromUtf8(await context.session.readFile(path, longestLine));
  } catch (error) {
    throw new StatusError(1, complaintOf(path, error));
  }
}

/** What fails in opening the file is told as it is, what fails behind that with the file's name (docker/cli kvfile). */
function complaintOf(path: string, error: unknown): string {
  const message = messageOf(error);
  return message.startsWith(`open ${path}: `) ? message : `invalid env file (${path}): ${message}`;
}

/** bufio.MaxScanTokenSize, as Docker's client reads files. */
const longestLine = 64 * 1024 - 1;

/** One entry a line; blank lines and those that begin with # are skipped (docker/cli kvfile). */
export function parseLines(path: string, text: string, steps?: Steps): readonly string[] {
  const entries: string[] = [];
  for (const [index, raw] of text.split('\n').entries()) {
    steps?.take(1 + raw.length);
    if (raw.length > longestLine) throw new StatusError(1, `invalid env file (${path}): bufio.Scanner: token too long`);
    const line = (index === 0 ? raw.replace(/^\uFEFF/, '') : raw).replace(/\r$/, '').trimStart();
    if (line === '' || line.startsWith('#')) continue;
    const name = line.split('=')[0] ?? '';
    if (/\s/.test(name)) throw new StatusError(1, `invalid env file (${path}): variable '${name}' contains whitespaces`);
    if (name === '') throw new StatusError(1, `invalid env file (${path}): no variable name on line '${line}'`);
    entries.push(line);
  }
  return entries;
}
