import { Marked, type Token, type Tokens } from 'marked';
import { AppError } from '../../base/errors.ts';

/** A piece of a step's text. `html` is made from Markdown without raw HTML: safe to insert. */
export type Block =
  | { readonly kind: 'html'; readonly html: string }
  /** A command with a button that types it. */
  | { readonly kind: 'run'; readonly command: string }
  /** What a terminal may show; labelled as a sample. */
  | { readonly kind: 'sample'; readonly text: string }
  | { readonly kind: 'code'; readonly language: string; readonly text: string };

const marked = new Marked({ gfm: true });

/** Links lead to a place of the page or to https; nothing is loaded from elsewhere. */
const isSafeLink = (href: string): boolean => /^(#[\w-]*|https:\/\/[^\s{}]+)$/.test(href);

/**
 * `${NAME}` stays in the blocks as it is.
 * @throws AppError `invalid` naming the file: raw HTML, an image, a link to anything but https or # or to a variable, several lines in a `sh run`
 */
export function renderProse(prose: string, file: string): readonly Block[] {
  const tokens = marked.lexer(prose);
  void marked.walkTokens(tokens, (token) => refuse(token, file));
  const blocks: Block[] = [];
  let text: Token[] = [];
  const endText = (): void => {
    const html = marked.parser(text).trim();
    if (html !== '') blocks.push({ kind: 'html', html });
    text = [];
  };
  for (const token of tokens) {
    if (!isCode(token)) {
      text.push(token);
      continue;
    }
    endText();
    blocks.push(codeBlock(token, file));
  }
  endText();
  return blocks;
}

const isCode = (token: Token): token is Tokens.Code => token.type === 'code';

function codeBlock({ lang = '', text }: Tokens.Code, file: string): Block {
  const [language = '', use = ''] = lang.split(/\s+/);
  if (use === 'run') {
    if (language !== 'sh' || text.includes('\n')) throw wrong(file, `a run block is one line of sh: ${text.split('\n')[0] ?? ''}`);
    return { kind: 'run', command: text };
  }
  if (use === 'sample') return { kind: 'sample', text };
  if (use !== '') throw wrong(file, `code block of unknown use ${use}`);
  return { kind: 'code', language, text };
}

function refuse(token: Token, file: string): void {
  if (token.type === 'html') throw wrong(file, `raw HTML: ${token.raw.trim()}`);
  if (token.type === 'image') throw wrong(file, `image: ${token.raw}`);
  if (token.type === 'link' && !isSafeLink(String(token['href'])))
    throw wrong(file, `link to ${String(token['href'])}: only https and # are allowed`);
}

const wrong = (file: string, message: string): AppError => new AppError('invalid', `${file}: prose: ${message}`);
