import { Steps } from '../../base/steps.ts';
import { lex, syntaxError, TemplateSyntaxError, type Token, type TokenKind } from './lex.ts';
import { goQuote } from '../go-quote.ts';
import { Scope } from './scope.ts';

export interface Pipe {
  readonly kind: 'pipe';
  readonly at: number;
  readonly variables: readonly string[];
  readonly assigns: boolean;
  readonly commands: readonly CommandNode[];
}
export interface CommandNode {
  readonly kind: 'command';
  readonly at: number;
  readonly words: readonly Operand[];
}
export type Operand =
  | { readonly kind: 'field'; readonly at: number; readonly names: readonly string[] }
  | { readonly kind: 'variable'; readonly at: number; readonly name: string; readonly names: readonly string[] }
  | { readonly kind: 'chain'; readonly at: number; readonly base: Operand; readonly names: readonly string[] }
  | { readonly kind: 'identifier'; readonly at: number; readonly name: string }
  | { readonly kind: 'dot' | 'nil'; readonly at: number }
  | { readonly kind: 'bool'; readonly at: number; readonly value: boolean }
  | { readonly kind: 'string'; readonly at: number; readonly text: string; readonly value: string }
  | { readonly kind: 'number'; readonly at: number; readonly text: string; readonly value: bigint | number }
  | Pipe;

export type Node =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'action'; readonly at: number; readonly pipe: Pipe }
  | {
      readonly kind: 'if' | 'with' | 'range';
      readonly at: number;
      readonly pipe: Pipe;
      readonly body: readonly Node[];
      readonly otherwise: readonly Node[] | null;
    }
  | { readonly kind: 'break' | 'continue'; readonly at: number }
  | TemplateNode;

/** {{template "name" pipeline}}, and {{block}}, which defines it, too. */
export interface TemplateNode {
  readonly kind: 'template';
  readonly at: number;
  readonly name: string;
  readonly pipe: Pipe | null;
}

export interface Template {
  /** What errors call it. */
  readonly name: string;
  readonly source: string;
  readonly nodes: readonly Node[];
  /** What {{template}} may name, the template itself under its own name included. */
  readonly definitions: ReadonlyMap<string, readonly Node[]>;
}

/** How deep parentheses and blocks may nest. */
const deepest = 200;

/** Throws TemplateSyntaxError. @param functions names that may be called @param name what errors call it */
export function parseTemplate(source: string, functions: ReadonlySet<string>, name: string, steps = new Steps()): Template {
  const parser = new Parser(source, functions, steps);
  const nodes = parser.top();
  if (!parser.definitions.has(name)) parser.definitions.set(name, nodes);
  else if (!isEmpty(nodes)) parser.define(name, nodes);
  return { name, source, nodes: parser.definitions.get(name) ?? nodes, definitions: parser.definitions };
}

/** parse.IsEmptyTree: nothing but blanks. */
function isEmpty(nodes: readonly Node[]): boolean {
  return nodes.every((node) => node.kind === 'text' && node.text.trim() === '');
}

class Parser {
  readonly #source: string;
  readonly #functions: ReadonlySet<string>;
  readonly #tokens: readonly Token[];
  readonly #steps: Steps;
  readonly definitions = new Map<string, readonly Node[]>();
  #next = 0;
  #depth = 0;
  #variables = new Scope({ name: '$' });
  #loops = 0;

  constructor(source: string, functions: ReadonlySet<string>, steps: Steps) {
    this.#source = source;
    this.#functions = functions;
    this.#steps = steps;
    this.#tokens = lex(source, steps);
  }

  top(): readonly Node[] {
    const { nodes, ending } = this.#list(true);
    if (ending !== null) throw this.#error(ending.at, `unexpected {{${ending.text}}}`);
    return nodes;
  }

  /** Throws TemplateSyntaxError for a second template of that name, unless one of the two is empty. */
  define(name: string, nodes: readonly Node[]): void {
    const known = this.definitions.get(name);
    if (known === undefined || isEmpty(known)) this.definitions.set(name, nodes);
    else if (!isEmpty(nodes)) throw this.#error(this.#peek().at, `template: multiple definition of template ${goQuote(name)}`);
  }

  /** Nodes up to {{end}} or {{else}}, which is consumed up to its keyword. */
  #list(isTop = false): { readonly nodes: readonly Node[]; readonly ending: Token | null } {
    const nodes: Node[] = [];
    for (;;) {
      const token = this.#take();
      if (token.kind === 'end') return { nodes, ending: null };
      if (token.kind === 'text') {
        nodes.push({ kind: 'text', text: token.text });
        continue;
      }
      const word = this.#peekWord();
      if (word?.text === 'end' || word?.text === 'else') {
        this.#takeWord();
        return { nodes, ending: word };
      }
      if (isTop && word?.text === 'define') this.#definition();
      else nodes.push(this.#action(word));
    }
  }

  #definition(): void {
    this.#takeWord();
    const name = this.#templateName('define clause');
    this.#expectClose('define clause');
    this.define(name, this.#separate('define clause'));
  }

  /** The nodes of a template of its own, with variables of its own, and their {{end}}. */
  #separate(context: string): readonly Node[] {
    const outer = { variables: this.#variables, loops: this.#loops };
    this.#variables = new Scope({ name: '$' });
    this.#loops = 0;
    const { nodes, ending } = this.#nested(() => this.#list());
    if (ending === null) throw this.#error(this.#source.length, 'unexpected EOF');
    if (ending.text !== 'end') throw this.#error(ending.at, `unexpected {{${ending.text}}} in ${context}`);
    this.#expectClose('end');
    this.#variables = outer.variables;
    this.#loops = outer.loops;
    return nodes;
  }

  #templateName(context: string): string {
    const token = this.#takeSolid();
    if (token.kind !== 'string') throw this.#unexpected(token, context);
    return this.#unquote(token);
  }

  #template(word: Token): Node {
    this.#takeWord();
    const context = `${word.text} clause`;
    const { at } = this.#peekSolid();
    const name = this.#templateName(context);
    if (word.text === 'block') {
      const pipe = this.#pipeline(context, 'close');
      this.define(name, this.#separate(context));
      return { kind: 'template', at, name, pipe };
    }
    if (this.#peekSolid().kind !== 'close') return { kind: 'template', at, name, pipe: this.#pipeline(context, 'close') };
    this.#takeSolid();
    return { kind: 'template', at, name, pipe: null };
  }

  #nested<T>(parse: () => T): T {
    if (++this.#depth > deepest) throw this.#error(this.#peek().at, 'max expression depth exceeded');
    const parsed = parse();
    this.#depth--;
    return parsed;
  }

  #action(word: Token | null): Node {
    switch (word?.text) {
      case 'if':
      case 'with':
      case 'range':
        this.#takeWord();
        return this.#control(word.text, word.at);
      case 'break':
      case 'continue':
        this.#takeWord();
        this.#expectClose(`{{${word.text}}}`);
        if (this.#loops === 0) throw this.#error(word.at, `{{${word.text}}} outside {{range}}`);
        return { kind: word.text, at: word.at };
      case 'template':
      case 'block':
        return this.#template(word);
      default: {
        const at = this.#peekWord()?.at ?? this.#peek().at;
        const pipe = this.#pipeline('command', 'close');
        return { kind: 'action', at, pipe };
      }
    }
  }

  #control(kind: 'if' | 'with' | 'range', at: number): Node {
    const scope = this.#variables.size;
    const pipe = this.#pipeline(kind, 'close');
    if (kind === 'range') this.#loops++;
    const { nodes: body, ending } = this.#nested(() => this.#list());
    if (kind === 'range') this.#loops--;
    const otherwise = this.#nested(() => this.#otherwise(kind, ending));
    this.#variables.endAt(scope);
    return { kind, at, pipe, body, otherwise };
  }

  #otherwise(kind: 'if' | 'with' | 'range', ending: Token | null): readonly Node[] | null {
    if (ending === null) throw this.#error(this.#source.length, 'unexpected EOF');
    if (ending.text === 'end') {
      this.#expectClose('end');
      return null;
    }
    const word = this.#peekWord();
    if (word !== null && word.text === kind && kind !== 'range') {
      this.#takeWord();
      return [this.#control(kind, word.at)];
    }
    this.#expectClose('else');
    const { nodes, ending: last } = this.#list();
    if (last === null) throw this.#error(this.#source.length, 'unexpected EOF');
    if (last.text !== 'end') throw this.#error(last.at, `expected end; found {{else}}`);
    this.#expectClose('end');
    return nodes;
  }

  #expectClose(context: string): void {
    const token = this.#takeSolid();
    if (token.kind !== 'close') throw this.#unexpected(token, context);
  }

  #pipeline(context: string, end: TokenKind): Pipe {
    const at = this.#peekSolid().at;
    const { variables, assigns } = this.#declarations(context);
    const commands: CommandNode[] = [];
    for (;;) {
      const token = this.#peekSolid();
      if (token.kind === end) {
        this.#takeSolid();
        if (commands.length === 0) throw this.#error(token.at, `missing value for ${context}`);
        this.#checkPipeline(commands);
        return { kind: 'pipe', at, variables, assigns, commands };
      }
      if (token.kind === 'close' && end === 'rparen') throw this.#error(token.at, 'unclosed left paren');
      if (token.kind === 'rparen') throw this.#error(token.at, 'unexpected right paren');
      const isKeyword = token.kind === 'identifier' && keywords.has(token.text);
      if (isKeyword || !startsOperand.has(token.kind)) throw this.#unexpected(this.#takeSolid(), context);
      commands.push(this.#command());
    }
  }

  #checkPipeline(commands: readonly CommandNode[]): void {
    for (const [index, command] of commands.slice(1).entries()) {
      const first = command.words[0];
      if (first !== undefined && ['bool', 'dot', 'nil', 'number', 'string'].includes(first.kind)) {
        throw this.#error(command.at, `non executable command in pipeline stage ${index + 2}`);
      }
    }
  }

  #declarations(context: string): { readonly variables: readonly string[]; readonly assigns: boolean } {
    const start = this.#next;
    const names: string[] = [];
    for (;;) {
      const variable = this.#peekSolid();
      if (variable.kind !== 'variable') break;
      this.#takeSolid();
      const next = this.#peekSolid();
      if (next.kind === 'declare' || next.kind === 'assign') {
        this.#takeSolid();
        names.push(variable.text);
        const assigns = next.kind === 'assign';
        names.forEach((name) => this.#variables.add({ name }));
        return { variables: names, assigns };
      }
      if (next.kind === 'comma') {
        if (context !== 'range' || names.length > 0) throw this.#error(next.at, `too many declarations in ${context}`);
        this.#takeSolid();
        names.push(variable.text);
        continue;
      }
      break;
    }
    this.#next = start;
    return { variables: [], assigns: false };
  }

  #command(): CommandNode {
    const at = this.#peekSolid().at;
    const words: Operand[] = [];
    for (;;) {
      this.#skipSpace();
      const operand = this.#operand();
      if (operand !== null) words.push(operand);
      const token = this.#take();
      if (token.kind === 'space') continue;
      if (token.kind === 'close' || token.kind === 'rparen') this.#next--;
      else if (token.kind !== 'pipe') throw this.#unexpected(token, 'operand');
      break;
    }
    if (words.length === 0) throw this.#error(at, 'empty command');
    return { kind: 'command', at, words };
  }

  #operand(): Operand | null {
    const base = this.#term();
    if (base === null || this.#peek().kind !== 'field') return base;
    const at = this.#peek().at;
    const names: string[] = [];
    while (this.#peek().kind === 'field') names.push(this.#take().text.slice(1));
    if (base.kind === 'field') return { kind: 'field', at, names: [...base.names, ...names] };
    if (base.kind === 'variable') return { kind: 'variable', at, name: base.name, names: [...base.names, ...names] };
    if (['bool', 'string', 'number', 'nil', 'dot'].includes(base.kind))
      throw this.#error(at, `unexpected . after term ${goQuote(nodeText(base))}`);
    return { kind: 'chain', at, base, names };
  }

  #term(): Operand | null {
    const token = this.#take();
    const { at, text } = token;
    switch (token.kind) {
      case 'identifier':
        return this.#word(token);
      case 'dot':
        return { kind: 'dot', at };
      case 'variable':
        this.#checkVariable(text, at);
        return { kind: 'variable', at, name: text, names: [] };
      case 'field':
        return { kind: 'field', at, names: [text.slice(1)] };
      case 'string':
        return { kind: 'string', at, text, value: this.#unquote(token) };
      case 'char':
        return { kind: 'number', at, text, value: this.#character(token) };
      case 'number':
        return { kind: 'number', at, text, value: this.#number(token) };
      case 'lparen':
        return this.#nested(() => this.#pipeline('parenthesized pipeline', 'rparen'));
      default:
        this.#next--;
        return null;
    }
  }

  #word(token: Token): Operand {
    const { at, text } = token;
    if (text === 'true' || text === 'false') return { kind: 'bool', at, value: text === 'true' };
    if (text === 'nil') return { kind: 'nil', at };
    if (keywords.has(text)) throw this.#unexpected(token, 'operand');
    if (!this.#functions.has(text)) throw this.#error(at, `function ${goQuote(text)} not defined`);
    return { kind: 'identifier', at, name: text };
  }

  #character(token: Token): bigint {
    const text = this.#unquote(token);
    const code = text.codePointAt(0);
    if (code === undefined) throw this.#error(token.at, 'invalid syntax');
    if (text.length !== String.fromCodePoint(code).length) throw this.#error(token.at, `malformed character constant: ${token.text}`);
    return BigInt(code);
  }

  #unquote(token: Token): string {
    if (token.text.startsWith('`')) return token.text.slice(1, -1);
    return token.text.slice(1, -1).replace(/\\(x[\da-fA-F]{2}|u[\da-fA-F]{4}|U[\da-fA-F]{8}|[0-7]{3}|.)/g, (_whole, code: string) => {
      if (/^[xuU]./.test(code)) {
        const rune = Number.parseInt(code.slice(1), 16);
        if (rune > 0x10ffff || (rune >= 0xd800 && rune < 0xe000)) throw this.#error(token.at, 'invalid syntax');
        return String.fromCodePoint(rune);
      }
      if (/^[0-7]{3}$/.test(code)) return String.fromCharCode(Number.parseInt(code, 8));
      const plain = simpleEscapes[code];
      if (plain === undefined) throw this.#error(token.at, 'invalid syntax');
      return plain;
    });
  }

  #number(token: Token): bigint | number {
    if (!integerSyntax.test(token.text) && !floatSyntax.test(token.text))
      throw this.#error(token.at, `illegal number syntax: ${goQuote(token.text)}`);
    if (/^[-+]?0x.*p/i.test(token.text)) return hexFloat(token.text);
    const plain = token.text.replaceAll('_', '').toLowerCase();
    const unsigned = plain.replace(/^[-+]/, '');
    if (!/^0x/.test(unsigned) && /[.e]/.test(unsigned)) return Number(plain);
    const octal = /^0[0-7]+$/.test(unsigned) ? `0o${unsigned.slice(1)}` : unsigned;
    const value = plain.startsWith('-') ? -BigInt(octal) : BigInt(octal);
    const isUnsigned = BigInt.asUintN(64, value) === value;
    if (/^0[89]/.test(unsigned) || (!isUnsigned && BigInt.asIntN(64, value) !== value))
      throw this.#error(token.at, `integer overflow: ${goQuote(token.text)}`);
    return value;
  }

  #checkVariable(name: string, at: number): void {
    if (this.#variables.find(name) === undefined) throw this.#error(at, `undefined variable ${goQuote(name)}`);
  }

  #peek(): Token {
    return this.#tokens[this.#next] ?? { kind: 'end', text: '', at: this.#source.length };
  }

  #take(): Token {
    const token = this.#peek();
    if (token.kind === 'error') throw new TemplateSyntaxError(token.text);
    this.#steps.take();
    this.#next++;
    return token;
  }

  #skipSpace(): void {
    while (this.#peek().kind === 'space') this.#next++;
  }

  #peekSolid(): Token {
    this.#skipSpace();
    return this.#peek();
  }

  #takeSolid(): Token {
    this.#skipSpace();
    return this.#take();
  }

  #peekWord(): Token | null {
    const token = this.#peekSolid();
    return token.kind === 'identifier' ? token : null;
  }

  #takeWord(): void {
    this.#takeSolid();
  }

  #unexpected(token: Token, context: string): Error {
    const shown =
      token.kind === 'end'
        ? 'EOF'
        : (keywords.has(token.text) && token.kind === 'identifier') || token.kind === 'dot'
          ? `<${token.text}>`
          : goQuote(token.text.length > 10 ? `${token.text.slice(0, 10)}` : token.text) + (token.text.length > 10 ? '...' : '');
    return this.#error(token.at, `unexpected ${shown} in ${context}`);
  }

  #error(at: number, message: string): Error {
    return syntaxError(this.#source, at, message);
  }
}

/** Go's literals, underscores included. */
const integerSyntax = /^[-+]?(?:0[xX](?:_?[\da-fA-F])+|0[bB](?:_?[01])+|0[oO](?:_?[0-7])+|\d(?:_?\d)*)$/;
const floatSyntax =
  /^[-+]?(?:0[xX](?:(?:_?[\da-fA-F])+\.?[\da-fA-F]*|\.[\da-fA-F]+)[pP][-+]?\d+|(?:\d(?:_?\d)*\.?(?:\d(?:_?\d)*)?|\.\d(?:_?\d)*)(?:[eE][-+]?\d+)?)$/;

/** `0x1.8p-2` */
function hexFloat(text: string): number {
  const [mantissa = '', exponent = '0'] = text.replaceAll('_', '').toLowerCase().split('p');
  const [whole = '', fraction = ''] = mantissa.replace(/^[-+]?0x/, '').split('.');
  const digits = [...(whole + fraction)].reduce((sum, digit) => sum * 16 + Number.parseInt(digit, 16), 0);
  return (text.startsWith('-') ? -1 : 1) * digits * 2 ** (Number(exponent) - 4 * fraction.length);
}

const startsOperand: ReadonlySet<TokenKind> = new Set(['identifier', 'dot', 'variable', 'field', 'string', 'char', 'number', 'lparen']);
const keywords: ReadonlySet<string> = new Set(['if', 'else', 'end', 'range', 'with', 'define', 'template', 'block', 'break', 'continue']);
const simpleEscapes: Readonly<Record<string, string>> = {
  n: '\n',
  t: '\t',
  r: '\r',
  a: '\x07',
  b: '\b',
  f: '\f',
  v: '\v',
  '\\': '\\',
  '"': '"',
  "'": "'",
};

/** {{template}} as text/template prints it in errors. */
export function templateText({ name, pipe }: TemplateNode): string {
  return `{{template ${goQuote(name)}${pipe === null ? '' : ` ${nodeText(pipe)}`}}}`;
}

/** The node as text/template prints it in errors. */
export function nodeText(node: Operand | CommandNode): string {
  switch (node.kind) {
    case 'field':
      return node.names.map((name) => `.${name}`).join('');
    case 'variable':
      return node.name + node.names.map((name) => `.${name}`).join('');
    case 'chain':
      return (node.base.kind === 'pipe' ? `(${nodeText(node.base)})` : nodeText(node.base)) + node.names.map((name) => `.${name}`).join('');
    case 'identifier':
      return node.name;
    case 'dot':
      return '.';
    case 'nil':
      return 'nil';
    case 'bool':
      return String(node.value);
    case 'string':
    case 'number':
      return node.text;
    case 'command':
      return node.words.map((word) => (word.kind === 'pipe' ? `(${nodeText(word)})` : nodeText(word))).join(' ');
    case 'pipe': {
      const declares = node.variables.length === 0 ? '' : `${node.variables.join(', ')} ${node.assigns ? '=' : ':='} `;
      return declares + node.commands.map(nodeText).join(' | ');
    }
  }
}
