/** The text of a .dockerignore (moby/patternmatcher: ignorefile, ReadAll). */
import { AppError } from '../../base/errors.ts';
import { cleanPath } from '../clean-path.ts';

/** Bytes of a line that Go's bufio.Scanner takes. */
const longestLine = 64 * 1024 - 1;
/** Patterns of a file. Docker has no such limit, and nobody writes so many. */
const mostPatterns = 10_000;

/** Reads a file of this name; null: there is none. */
type ReadText = (name: string) => Promise<string | null>;

export interface IgnoreFile {
  readonly name: string;
  readonly text: string;
}

/** What says what a build leaves out: NAME.dockerignore beside the Dockerfile NAME, or else .dockerignore in the context's root. */
export async function findIgnoreFile(dockerfile: string, besideDockerfile: ReadText, inContext: ReadText): Promise<IgnoreFile | null> {
  const ownName = `${dockerfile}.dockerignore`;
  const own = await besideDockerfile(ownName);
  if (own !== null) return { name: ownName, text: own };
  const name = '.dockerignore';
  const text = await inContext(name);
  return text === null ? null : { name, text };
}

/** Its patterns, cleaned, in their order, those that take back with `!` in front. @throws AppError invalid in BuildKit's words; exhausted */
export function readIgnoreFile({ name, text }: IgnoreFile): readonly string[] {
  const lines = text.replace(/^\ufeff/, '').split('\n');
  if (lines.some((line) => line.length > longestLine))
    throw new AppError('invalid', `failed parsing ${name}: bufio.Scanner: token too long`);
  const patterns = lines.filter((line) => !line.startsWith('#')).flatMap((line) => patternOf(line) ?? []);
  if (patterns.length > mostPatterns) throw new AppError('exhausted', `${name} has more than ${mostPatterns} patterns`);
  return patterns;
}

function patternOf(line: string): string | null {
  const written = trimSpace(line);
  if (written === '') return null;
  if (!written.startsWith('!')) return rooted(written);
  const rest = trimSpace(written.slice(1));
  return rest === '' ? '!' : `!${rooted(rest)}`;
}

/** A slash in front means what none means. */
function rooted(pattern: string): string {
  const clean = cleanPath(pattern);
  return clean.length > 1 && clean.startsWith('/') ? clean.slice(1) : clean;
}

/** Go's strings.TrimSpace: a byte order mark is no space to it, as it is to JavaScript. */
export function trimSpace(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && isSpace(text.charAt(start))) start += 1;
  while (end > start && isSpace(text.charAt(end - 1))) end -= 1;
  return text.slice(start, end);
}

function isSpace(letter: string): boolean {
  return letter !== '\ufeff' && (letter === '\u0085' || letter.trim() === '');
}
