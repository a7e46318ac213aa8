/** `<<EOF` (moby/buildkit: frontend/dockerfile/parser, heredocsFromLine and ParseHeredoc). */
import { Steps } from '../../base/steps.ts';
import { expandWords, splitForHeredocs } from './expand.ts';

export interface Heredoc {
  /** Without quotes. */
  readonly name: string;
  readonly fileDescriptor: number;
  /** The name has no quotes: variables are put into the content of COPY and ADD. */
  readonly expands: boolean;
  /** `<<-`: tabs at the beginning of lines are taken off. */
  readonly chomp: boolean;
  /** The lines up to the one that is the name, as they stand. */
  readonly content: string;
}

/** Those that a line announces, without their content. @throws AppError invalid: quotes that don't end */
export function heredocsOf(line: string, escape: string, steps = new Steps()): readonly Heredoc[] {
  return splitForHeredocs(line, escape, steps).flatMap((word) => heredocOf(word, escape) ?? []);
}

/** null: the word is none. */
export function heredocOf(word: string, escape: string): Heredoc | null {
  const [, descriptor = '', dash = '', written = ''] = /^(\d*)<<(-?)([^<]*)$/.exec(word) ?? [];
  if (written === '' || descriptor.length > 9) return null;
  const [name, ...others] = expandWords(written, () => undefined, { escape });
  if (name === undefined || others.length > 0) return null;
  return {
    name,
    fileDescriptor: Number(descriptor),
    expands: !/["']/.test(written) && name === written,
    chomp: dash === '-',
    content: '',
  };
}

/** The content as the container gets it: with `<<-` without tabs at the beginning of its lines. */
export function heredocText({ chomp, content }: Heredoc): string {
  return chomp ? content.replace(/^\t+/gm, '') : content;
}
