/** `--secret` (buildx: util/buildflags/secrets.go, util/… build/secrets.go). */
import { utf8 } from '../../base/bytes.ts';
import { toAppError } from '../../base/errors.ts';
import { ownValue } from '../../base/record.ts';
import { encodeBase64, encodeBase64Bytes } from '../../grammar/base64.ts';
import { csvFields } from '../../grammar/csv.ts';
import { absoluteLocal, isDirectory } from '../client/local-path.ts';
import { StatusError } from '../errors.ts';
import type { CliSession } from '../session.ts';

/** Bytes. */
const largest = 500 * 1024;
/** Bytes of all: they go in one header of the request. */
const largestSum = 540 * 1024;

interface Asked {
  readonly id: string;
  /** '' = none. */
  readonly path: string;
  readonly variable: string;
}

/** @returns a header's value for `POST /build`; null: there are none @throws StatusError in buildx's words */
export async function secretsHeader(session: CliSession, given: readonly string[]): Promise<string | null> {
  const secrets: [id: string, contents: Uint8Array][] = [];
  for (const asked of given.map(parseSecret)) if (asked !== null) secrets.push([asked.id, await contentsOf(session, asked)]);
  if (secrets.length === 0) return null;
  if (secrets.reduce((sum, [, contents]) => sum + contents.length, 0) > largestSum)
    throw failed(`the secrets of one build are at most ${largestSum / 1024}KiB together`);
  return encodeBase64(JSON.stringify(Object.fromEntries(secrets.map(([id, contents]) => [id, encodeBase64Bytes(contents)]))));
}

function parseSecret(text: string): Asked | null {
  const asked = { id: '', path: '', variable: '' };
  let type = '';
  for (const field of text === '' ? [] : fieldsOf(text)) {
    const at = field.indexOf('=');
    if (at < 0) throw new StatusError(1, `ERROR: invalid field '${field}' must be a key=value pair`);
    const [key, value] = [field.slice(0, at).toLowerCase(), field.slice(at + 1)];
    if (key === 'type') type = checkedType(value);
    else if (key === 'id') asked.id = value;
    else if (key === 'source' || key === 'src') asked.path = value;
    else if (key === 'env') asked.variable = value;
    else throw new StatusError(1, `ERROR: unexpected key '${key}' in '${field}'`);
  }
  if (text === '') return null;
  if (asked.id === '') throw failed('secret missing ID');
  return type === 'env' && asked.variable === '' ? { ...asked, path: '', variable: asked.path } : asked;
}

function fieldsOf(text: string): readonly string[] {
  try {
    return csvFields(text);
  } catch (thrown) {
    throw new StatusError(1, `ERROR: failed to parse csv secret: ${toAppError(thrown).message}`);
  }
}

function checkedType(type: string): string {
  if (type === 'file' || type === 'env') return type;
  throw new StatusError(1, `ERROR: unsupported secret type ${JSON.stringify(type)}`);
}

async function contentsOf(session: CliSession, { id, path, variable }: Asked): Promise<Uint8Array> {
  const name = variable === '' && path === '' && ownValue(session.env, id) !== undefined ? id : variable;
  const contents = name === '' ? await readSecret(session, path === '' ? id : path) : utf8(ownValue(session.env, name) ?? '');
  if (contents.length > largest) throw failed(`secret ${id} too big. max size 500KiB`);
  return contents;
}

async function readSecret(session: CliSession, path: string): Promise<Uint8Array> {
  const at = absoluteLocal(path, session.cwd);
  const stat = await session.folders.stat(at);
  if (stat === null) throw failed(`failed to stat ${path}: stat ${path}: no such file or directory`);
  if (isDirectory(stat)) throw failed(`failed to solve: read ${path}: is a directory`);
  return session.readFile(at);
}

function failed(why: string): StatusError {
  return new StatusError(1, `ERROR: failed to build: ${why}`);
}
