import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What is typed into a program, and what has to stand at the end of the screen before. */
export interface Keys {
  readonly keys: string;
  readonly after: RegExp;
}

export interface IntroductionLine {
  readonly line: string;
  readonly keys: readonly Keys[];
  readonly status: number;
  /** All of it is in what the line shows. */
  readonly shows: readonly RegExp[];
}

export interface IntroductionGroup {
  readonly title: string;
  readonly lines: readonly IntroductionLine[];
}

interface Draft {
  line: string;
  keys: Keys[];
  status: number;
  shows: RegExp[];
}

/** Of a shell or of Python in a container. */
const prompt = /(?:^|\n)(?:\/\S* # |>>> |root@\w+:\/\S*# )$/;
const controls: Readonly<Record<string, string>> = { 'ctrl-c': '\x03', 'ctrl-d': '\x04', 'ctrl-p': '\x10', 'ctrl-q': '\x11' };

/** @throws Error for a line that is none of the file's kinds */
export function readIntroduction(): readonly IntroductionGroup[] {
  const groups: { title: string; lines: Draft[] }[] = [];
  let awaited: RegExp | undefined;
  for (const row of readFileSync(join(import.meta.dirname, 'introduction.txt'), 'utf8').split('\n')) {
    if (row === '' || row.startsWith('#')) continue;
    const lines = groups.at(-1)?.lines ?? [];
    const draft = lines.at(-1) ?? { line: '', keys: [], status: 0, shows: [] };
    const text = row.slice(2);
    if (row.startsWith('[')) groups.push({ title: row.slice(1, -1), lines: [] });
    else if (row.startsWith('$ ')) lines.push({ line: text, keys: [], status: 0, shows: [] });
    else if (row.startsWith('= ')) draft.status = Number(text);
    else if (row.startsWith('~ ')) draft.shows.push(new RegExp(text, 'm'));
    else if (row.startsWith('? ')) awaited = new RegExp(text);
    else if (row.startsWith('> ')) {
      draft.keys.push({ keys: keysOf(text), after: awaited ?? prompt });
      awaited = undefined;
    } else throw new Error(`no line of an introduction: ${row}`);
  }
  return groups;
}

/** Keys by name, or a line with its Enter. */
function keysOf(text: string): string {
  const named = [...text.matchAll(/<([\w-]+)>/g)].map(([, name = '']) => controls[name] ?? '');
  return named.length > 0 ? named.join('') : `${text}\r`;
}
