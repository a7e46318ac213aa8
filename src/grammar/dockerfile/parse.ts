/** Lines of a Dockerfile put together to instructions (moby/buildkit: frontend/dockerfile/parser, parser.go). */
import { AppError } from '../../base/errors.ts';
import { Steps } from '../../base/steps.ts';
import { DirectiveReader, type Directives } from './directives.ts';
import { heredocsOf, type Heredoc } from './heredoc.ts';
import { refusedAt, type LineRange } from './parse-error.ts';
import { checkSyntax, splitInstruction } from './split-instruction.ts';

/** An instruction as it stands in the file. */
export interface InstructionNode {
  /** Its name as written. */
  readonly keyword: string;
  /** In capitals. */
  readonly name: string;
  /** With the lines of its heredocs. */
  readonly lines: LineRange;
  /** Its line as one, without comments, continuations and heredocs. */
  readonly original: string;
  /** "--from=x", quotes and escapes taken off. */
  readonly flags: readonly string[];
  /** What is behind name and flags. */
  readonly rest: string;
  /** What the lines of comment directly above say. */
  readonly comments: readonly string[];
  readonly heredocs: readonly Heredoc[];
}

export interface DockerfileSyntax {
  readonly directives: Directives;
  readonly nodes: readonly InstructionNode[];
  /** Of each instruction that is continued over an empty line, its last line. */
  readonly emptyContinuations: readonly number[];
}

const blanks = /^[\t\v\f\r ]+/;
const comment = /^[\t\v\f\r ]*#/;
/** Instructions whose line may have heredocs behind. */
const withHeredocs = /^(ADD|COPY|RUN)$/;

/**
 * @param text of any size: linear in it
 * @param steps one for each character
 * @throws AppError invalid with `line` and `endLine` in its detail, in BuildKit's words
 */
export function parseDockerfile(text: string, steps = new Steps()): DockerfileSyntax {
  return new Parser(text, steps).run();
}

class Parser {
  readonly #lines: readonly string[];
  readonly #directives = new DirectiveReader();
  readonly #nodes: InstructionNode[] = [];
  readonly #emptyContinuations: number[] = [];
  #comments: string[] = [];
  /** The number of the last line that was read. */
  #at = 0;

  constructor(
    text: string,
    private readonly steps: Steps,
  ) {
    steps.take(text.length);
    const lines = (text.startsWith('\ufeff') ? text.slice(1) : text).split('\n');
    if (lines.at(-1) === '') lines.pop();
    this.#lines = lines;
  }

  run(): DockerfileSyntax {
    for (let line = this.#next(); line !== null; line = this.#next()) this.#begin(line);
    if (this.#nodes.length === 0) throw refusedAt({ start: this.#at, end: this.#at }, 'file with no instructions');
    return { directives: this.#directives.directives, nodes: this.#nodes, emptyContinuations: this.#emptyContinuations };
  }

  /** The next line as it stands. null: there is none */
  #next(): string | null {
    const line = this.#lines[this.#at];
    if (line === undefined) return null;
    this.#at += 1;
    return line;
  }

  #begin(line: string): void {
    const text = withoutEnd(line).replace(blanks, '');
    this.#directives.read(text);
    if (text.startsWith('#')) {
      this.#comments.push(text.slice(1).trim());
      return;
    }
    const start = this.#at;
    const { part, continued } = this.#part(text);
    const comments = this.#comments;
    this.#comments = [];
    if (!continued && part === '') return;
    const original = continued ? part + this.#continuation() : part;
    if (original.trim() === '') return;
    this.#nodes.push(this.#node(original, start, comments));
  }

  /** The lines that go on with the one before, in one. */
  #continuation(): string {
    const parts: string[] = [];
    let hasEmpty = false;
    for (let line = this.#next(); line !== null; line = this.#next()) {
      if (comment.test(line)) continue;
      const text = withoutEnd(line);
      if (text.replace(blanks, '') === '') {
        hasEmpty = true;
        continue;
      }
      const { part, continued } = this.#part(text);
      parts.push(part);
      if (!continued) break;
    }
    if (hasEmpty) this.#emptyContinuations.push(this.#at);
    return parts.join('');
  }

  /** A line without the escape character at its end, which says that it goes on; one that is itself escaped says nothing. */
  #part(text: string): { readonly part: string; readonly continued: boolean } {
    const { escape } = this.#directives;
    let end = text.length;
    while (end > 0 && (text[end - 1] === ' ' || text[end - 1] === '\t')) end -= 1;
    const continued = text[end - 1] === escape && text[end - 2] !== escape;
    return { part: continued ? text.slice(0, end - 1) : text, continued };
  }

  #node(original: string, start: number, comments: readonly string[]): InstructionNode {
    const { keyword, flags, rest } = splitInstruction(original);
    const name = keyword.toUpperCase();
    try {
      checkSyntax(name, rest, this.#directives.escape);
      const heredocs = mayHaveHeredocs(name, rest) && original.includes('<<') ? this.#heredocs(original) : [];
      return { keyword, name, lines: { start, end: this.#at }, original, flags, rest, comments, heredocs };
    } catch (thrown) {
      if (thrown instanceof AppError && thrown.kind === 'invalid') throw refusedAt({ start, end: this.#at }, thrown.message);
      throw thrown;
    }
  }

  #heredocs(original: string): readonly Heredoc[] {
    return heredocsOf(original, this.#directives.escape, this.steps).map((heredoc) => ({ ...heredoc, content: this.#contentOf(heredoc) }));
  }

  #contentOf({ name, chomp }: Heredoc): string {
    const content: string[] = [];
    for (let line = this.#next(); line !== null; line = this.#next()) {
      const text = withoutEnd(line);
      if ((chomp ? text.replace(/^\t+/, '') : text) === name) return content.join('');
      content.push(`${line}\n`);
    }
    throw new AppError('invalid', 'unterminated heredoc');
  }
}

/** Also the instruction behind ONBUILD. */
function mayHaveHeredocs(name: string, rest: string): boolean {
  return withHeredocs.test(name === 'ONBUILD' ? (/^\w*/.exec(rest)?.[0] ?? '').toUpperCase() : name);
}

function withoutEnd(line: string): string {
  return line.endsWith('\r') ? line.slice(0, -1) : line;
}
