import { Steps } from '../../base/steps.ts';
import { lex, syntaxError, TemplateSyntaxError, type Token, type TokenKind } from './lex.ts';
import { goQuote } from '../../grammar/go-quote.ts';
import { character, LiteralError, number, unquote } from './literals.ts';
import { nodeText, type CommandNode, type Node, type Operand, type Pipe, type Template } from './nodes.ts';
import { Scope } from './scope.ts';

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
    return this.#literal(token, unquote);
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
        return { kind: 'string', at, text, value: this.#literal(token, unquote) };
      case 'char':
        return { kind: 'number', at, text, value: this.#literal(token, character) };
      case 'number':
        return { kind: 'number', at, text, value: this.#literal(token, number) };
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

  /** What a literal stands for, or the parser's error. */
  #literal<T>(token: Token, read: (text: string) => T): T {
    try {
      return read(token.text);
    } catch (error) {
      throw error instanceof LiteralError ? this.#error(token.at, error.message) : error;
    }
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

const startsOperand: ReadonlySet<TokenKind> = new Set(['identifier', 'dot', 'variable', 'field', 'string', 'char', 'number', 'lparen']);
const keywords: ReadonlySet<string> = new Set(['if', 'else', 'end', 'range', 'with', 'define', 'template', 'block', 'break', 'continue']);
