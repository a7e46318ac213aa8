import { utf8 } from '../../base/bytes.ts';
import { AppError } from '../../base/errors.ts';
import { createPace } from '../../base/pace.ts';
import { ownValue } from '../../base/record.ts';
import { CallError, callValue, largestText, type Parameter, type TemplateFunction } from './functions.ts';
import { nodeText, templateText, type CommandNode, type Node, type Operand, type Pipe, type Template, type TemplateNode } from './nodes.ts';
import { Scope } from './scope.ts';
import { elementsOf } from './elements.ts';
import { goQuote } from '../../grammar/go-quote.ts';
import { sprint } from './print.ts';
import {
  boolValue,
  findField,
  findMethod,
  floatValue,
  indirect,
  intValue,
  invalid,
  isTrue,
  stringsValue,
  stringValue,
  typeName,
  withoutInterface,
  type Value,
} from './value.ts';

export interface ExecuteOptions {
  readonly functions: Readonly<Record<string, TemplateFunction>>;
  /** text/template's missingkey=error: a missing map key ends the execution. */
  readonly missingKeyIsError?: boolean;
  readonly signal?: AbortSignal;
}

/** A template that failed while it ran, in Go's words. `output` is what it had written. */
export class TemplateExecutionError extends Error {
  readonly output: string;

  constructor(message: string, output: string) {
    super(message);
    this.output = output;
  }
}

/** Characters that one execution may write; Go would fill its memory. */
const largestOutput = 32 * 1024 * 1024;
/** Characters and nodes that are worked through between two looks at the clock. */
const heaviestAction = 64 * 1024 * 1024;
/** text/template's maxExecDepth. */
const deepestTemplate = 100_000;
/** So many calls within each other, the rest of the stack goes to the heap. */
const stackDepth = 64;
/** Nodes between two looks at the clock. */
const nodesBetweenLooks = 256;

/** Gives way to everybody else while it runs. Rejects with TemplateExecutionError, and with AppError cancelled once the signal says so. */
export async function executeTemplate(template: Template, data: Value, options: ExecuteOptions): Promise<string> {
  const state = new Execution(template, data, options);
  await state.walk(data, template.nodes);
  return state.output;
}

interface Variable {
  readonly name: string;
  value: Value;
}

type Located = Operand | CommandNode;
type Walked = 'break' | 'continue' | null;
type Control = Extract<Node, { pipe: Pipe; body: readonly Node[] }>;

class Execution {
  output = '';
  readonly #template: Template;
  readonly #options: ExecuteOptions;
  readonly #pace = createPace();
  #variables: Scope<Variable>;
  /** The template that runs: the whole, or one it defined. */
  #name: string;
  #depth = 0;
  #calls = 0;
  #nodes = 0;
  #work = 0;
  #node: { readonly at: number; readonly text: () => string } | null = null;

  constructor(template: Template, data: Value, options: ExecuteOptions) {
    this.#template = template;
    this.#options = options;
    this.#name = template.name;
    this.#variables = new Scope({ name: '$', value: data });
  }

  async walk(dot: Value, nodes: readonly Node[]): Promise<Walked> {
    if (++this.#calls % stackDepth === 0) await Promise.resolve();
    for (const node of nodes) {
      this.#work++;
      if (++this.#nodes % nodesBetweenLooks === 0 || this.#work > nodesBetweenLooks * 64) await this.#breathe();
      const walked = this.#isPlain(dot, node) ? null : await this.#walkOne(dot, node);
      if (walked !== null) return walked;
    }
    this.#calls--;
    return null;
  }

  /** Others have their turn, and Ctrl-C its effect. */
  async #breathe(): Promise<void> {
    this.#work = 0;
    if (this.#pace.isDue()) await this.#pace.turn();
    if (this.#options.signal?.aborted === true) throw new AppError('cancelled', 'the session ended');
  }

  /** Text and actions need no promise. */
  #isPlain(dot: Value, node: Node): boolean {
    if (node.kind === 'text') this.#write(node.text);
    else if (node.kind === 'action') {
      const value = this.#pipe(dot, node.pipe);
      if (node.pipe.variables.length === 0) this.#print(value);
    } else return false;
    return true;
  }

  async #walkOne(dot: Value, node: Node): Promise<Walked> {
    switch (node.kind) {
      case 'if':
      case 'with':
        return this.#branch(dot, node);
      case 'range':
        return this.#range(dot, node);
      case 'template':
        await this.#invoke(dot, node);
        return null;
      case 'break':
      case 'continue':
        return node.kind;
      default:
        return null;
    }
  }

  #write(text: string): void {
    this.output += text;
    this.#work += text.length >> 4;
    if (this.output.length > largestOutput) throw this.#error('the output is too large');
  }

  #print(value: Value): void {
    const target = value.kind === 'pointer' ? indirect(value).value : value;
    this.#write(target.kind === 'invalid' ? '<no value>' : sprint(target));
  }

  async #branch(dot: Value, node: Control): Promise<Walked> {
    const mark = this.#variables.size;
    const value = this.#pipe(dot, node.pipe);
    let walked: Walked = null;
    if (isTrue(withoutInterface(value))) walked = await this.walk(node.kind === 'with' ? value : dot, node.body);
    else if (node.otherwise !== null) walked = await this.walk(dot, node.otherwise);
    this.#variables.endAt(mark);
    return walked;
  }

  async #invoke(dot: Value, node: TemplateNode): Promise<void> {
    this.#node = { at: node.at, text: () => templateText(node) };
    const nodes = this.#template.definitions.get(node.name);
    if (nodes === undefined) throw this.#error(`template ${goQuote(node.name)} not defined`);
    if (this.#depth === deepestTemplate) throw this.#error(`exceeded maximum template depth (${deepestTemplate})`);
    const value = node.pipe === null ? invalid : this.#pipe(dot, node.pipe);
    const outer = { variables: this.#variables, name: this.#name };
    this.#variables = new Scope({ name: '$', value });
    this.#name = node.name;
    this.#depth++;
    await this.walk(value, nodes);
    this.#depth--;
    this.#variables = outer.variables;
    this.#name = outer.name;
  }

  async #range(dot: Value, node: Control): Promise<Walked> {
    const mark = this.#variables.size;
    const { value } = indirect(this.#pipe(dot, node.pipe));
    if (value.kind === 'int' && node.pipe.variables.length > 1)
      throw this.#error(`can't use ${sprint(value)} to iterate over more than one variable`);
    const inner = this.#variables.size;
    let ran = false;
    for (const [key, element] of elementsOf(value, (words) => this.#error(words))) {
      ran = true;
      if (++this.#nodes % nodesBetweenLooks === 0) await this.#breathe();
      this.#bindLoop(node.pipe, key, element);
      const walked = node.body.length === 0 ? null : await this.walk(element, node.body);
      this.#variables.endAt(inner);
      if (walked === 'break') break;
    }
    const walked = !ran && node.otherwise !== null ? await this.walk(dot, node.otherwise) : null;
    this.#variables.endAt(mark);
    return walked;
  }

  #bindLoop(pipe: Pipe, key: Value, element: Value): void {
    const [first, second] = pipe.variables;
    const bind = (name: string, value: Value): void => (pipe.assigns ? this.#assign(name, value) : this.#variables.add({ name, value }));
    if (first !== undefined) bind(first, second === undefined ? element : key);
    if (second !== undefined) bind(second, element);
  }

  #pipe(dot: Value, pipe: Pipe): Value {
    this.#at(pipe);
    let value: Value | null = null;
    for (const command of pipe.commands) value = withoutInterface(this.#command(dot, command, value));
    const result = value ?? invalid;
    for (const name of pipe.variables) {
      if (pipe.assigns) this.#assign(name, result);
      else this.#variables.add({ name, value: result });
    }
    return result;
  }

  #assign(name: string, value: Value): void {
    const variable = this.#variables.find(name);
    if (variable === undefined) throw this.#error(`undefined variable: ${name}`);
    variable.value = value;
  }

  #command(dot: Value, command: CommandNode, final: Value | null): Value {
    const [first, ...args] = command.words;
    if (first === undefined) return invalid;
    const call = { dot, args, final };
    switch (first.kind) {
      case 'field':
        this.#at(first);
        return this.#fieldChain(dot, first.names, call);
      case 'chain':
        this.#at(first);
        return this.#fieldChain(this.#chainBase(dot, first.base), first.names, call);
      case 'variable':
        this.#at(first);
        if (first.names.length > 0) return this.#fieldChain(this.#variable(first.name), first.names, call);
        this.#refuseArguments(first, call);
        return this.#variable(first.name);
      case 'identifier':
        return this.#function(first.name, first, command, call);
      case 'pipe':
        this.#refuseArguments(first, call);
        return this.#pipe(dot, first);
      case 'nil':
        this.#at(first);
        throw this.#error('nil is not a command');
      default:
        this.#at(first);
        this.#refuseArguments(first, call);
        return this.#operand(dot, first);
    }
  }

  #refuseArguments(node: Operand, call: Call): void {
    if (call.args.length > 0 || call.final !== null) throw this.#error(`can't give argument to non-function ${nodeText(node)}`);
  }

  #variable(name: string): Value {
    const variable = this.#variables.find(name);
    if (variable === undefined) throw this.#error(`undefined variable: ${name}`);
    return variable.value;
  }

  #chainBase(dot: Value, base: Operand): Value {
    if (base.kind === 'nil') throw this.#error('indirection through explicit nil');
    return this.#operand(dot, base);
  }

  /** A word that stands for its value: an argument, or the head of a chain. */
  #operand(dot: Value, node: Operand): Value {
    const alone = { dot, args: [], final: null };
    switch (node.kind) {
      case 'dot':
        return dot;
      case 'nil':
        return invalid;
      case 'bool':
        return boolValue(node.value);
      case 'string':
        return stringValue(node.value);
      case 'number':
        return typeof node.value === 'number' ? floatValue(node.value) : this.#int(node.value, node);
      case 'field':
        this.#at(node);
        return this.#fieldChain(dot, node.names, alone);
      case 'variable':
        this.#at(node);
        return this.#fieldChain(this.#variable(node.name), node.names, alone);
      case 'chain':
        this.#at(node);
        return this.#fieldChain(this.#chainBase(dot, node.base), node.names, alone);
      case 'identifier':
        return this.#function(node.name, node, node, alone);
      case 'pipe':
        return this.#pipe(dot, node);
    }
  }

  #int(value: bigint, node: Operand): Value {
    if (BigInt.asIntN(64, value) !== value) throw this.#error(`${nodeText(node)} overflows int`);
    return intValue(value);
  }

  #fieldChain(receiver: Value, names: readonly string[], call: Call): Value {
    let value = receiver;
    for (const [index, name] of names.entries()) {
      const last = index === names.length - 1;
      value = this.#field(value, name, last ? call : { dot: call.dot, args: [], final: null });
    }
    return value;
  }

  #field(receiver: Value, name: string, call: Call): Value {
    if (receiver.kind === 'invalid') {
      if (this.#options.missingKeyIsError === true) throw this.#error(`nil data; no entry for key ${goQuote(name)}`);
      return invalid;
    }
    const { value: target, isNil } = indirect(receiver);
    if (isNil && target.kind === 'interface') throw this.#error(`nil pointer evaluating ${typeName(receiver)}.${name}`);
    const method = findMethod(receiver, name);
    if (method !== undefined) return this.#method(method, name, call);
    const hasArguments = call.args.length > 0 || call.final !== null;
    if (target.kind === 'struct') {
      const found = findField(target, name);
      if (found !== undefined) {
        if (hasArguments) throw this.#error(`${name} has arguments but cannot be invoked as function`);
        return found;
      }
    } else if (target.kind === 'map') {
      if (hasArguments) throw this.#error(`${name} is not a method but has arguments`);
      const found = target.entries?.get(name);
      if (found === undefined && this.#options.missingKeyIsError === true) throw this.#error(`map has no entry for key ${goQuote(name)}`);
      return found ?? invalid;
    } else if (isNil) throw this.#error(`nil pointer evaluating ${typeName(receiver)}.${name}`);
    throw this.#error(`can't evaluate field ${name} in type ${typeName(receiver)}`);
  }

  #method(method: (args: readonly Value[]) => Value, name: string, call: Call): Value {
    const args = [...call.args.map((arg) => this.#argument(call.dot, arg, 'string')), ...(call.final === null ? [] : [call.final])];
    if (args.length !== method.length) throw this.#error(`wrong number of args for ${name}: want ${method.length} got ${args.length}`);
    return method(args);
  }

  #function(name: string, node: Operand, located: Located, call: Call): Value {
    this.#at(node);
    const known = ownValue(this.#options.functions, name);
    if (known === undefined) throw this.#error(`${goQuote(name)} is not a defined function`);
    const count = call.args.length + (call.final === null ? 0 : 1);
    this.#checkCount(name, known, count);
    if (name === 'and' || name === 'or') return this.#lazy(name, call);
    const given = call.args.map((arg, index) => this.#argument(call.dot, arg, parameterAt(known, index)));
    const all = call.final === null ? given : [...given, this.#convert(call.final, parameterAt(known, count - 1))];
    const first = name === 'call' ? call.args[0] : undefined;
    const function_ =
      first === undefined ? known : { ...known, call: ([value = invalid]: readonly Value[]) => callValue(value, nodeText(first)) };
    const result = this.#try(name, function_, all, located);
    for (const value of [...all, result]) if (value.kind === 'string') this.#work += value.value.length;
    if (this.#work > heaviestAction || (result.kind === 'string' && result.value.length > largestText)) {
      this.#at(located);
      throw this.#error(`error calling ${name}: the text is too large`);
    }
    return result;
  }

  #try(name: string, known: TemplateFunction, args: readonly Value[], located: Located): Value {
    try {
      return known.call(args);
    } catch (error) {
      this.#at(located);
      // What JavaScript itself refuses is too large for it.
      const message = error instanceof CallError ? error.message : error instanceof RangeError ? 'the text is too large' : null;
      if (message === null) throw error;
      throw this.#error(`error calling ${name}: ${message}`);
    }
  }

  #checkCount(name: string, known: TemplateFunction, count: number): void {
    const least = known.parameters.length;
    if (known.rest !== undefined) {
      if (count < least) throw this.#error(`wrong number of args for ${name}: want at least ${least} got ${count}`);
    } else if (count !== least) throw this.#error(`wrong number of args for ${name}: want ${least} got ${count}`);
  }

  /** `and` stops at the first false operand, `or` at the first true one. */
  #lazy(name: 'and' | 'or', call: Call): Value {
    let value: Value = invalid;
    for (const arg of call.args) {
      value = this.#argument(call.dot, arg, 'any');
      if (isTrue(withoutInterface(value)) === (name === 'or')) return value;
    }
    return call.final ?? value;
  }

  #argument(dot: Value, node: Operand, parameter: Parameter): Value {
    this.#at(node);
    if (parameter === 'string' && ['number', 'bool'].includes(node.kind)) throw this.#error(`expected string; found ${nodeText(node)}`);
    if (parameter === 'int' && ['string', 'bool'].includes(node.kind)) throw this.#error(`expected integer; found ${nodeText(node)}`);
    if (parameter === 'int' && node.kind === 'number' && typeof node.value === 'number') return this.#wholeNumber(node.value, node);
    if (parameter === '[]string' && ['string', 'bool', 'number'].includes(node.kind))
      throw this.#error(`can't handle ${nodeText(node)} for arg of type []string`);
    if (node.kind === 'nil' && (parameter === 'string' || parameter === 'int')) throw this.#error(`cannot assign nil to ${parameter}`);
    return this.#convert(this.#operand(dot, node), parameter);
  }

  /** A constant such as 1e3 is an integer where one is wanted. */
  #wholeNumber(value: number, node: Operand): Value {
    if (!Number.isSafeInteger(value)) throw this.#error(`expected integer; found ${nodeText(node)}`);
    return intValue(value);
  }

  #convert(value: Value, parameter: Parameter): Value {
    if (parameter === 'any') return value;
    if (parameter === '[]string' && value.kind === 'invalid') return stringsValue(null);
    const given = withoutInterface(value);
    const target = given.kind === 'pointer' && given.to !== null ? given.to : given;
    if (target.kind === 'invalid') throw this.#error(`invalid value; expected ${parameter}`);
    if (target.type !== parameter && !(parameter === '[]string' && target.type === 'strslice.StrSlice'))
      throw this.#error(`wrong type for value; expected ${parameter}; got ${typeName(given)}`);
    return target;
  }

  #at(node: Located): void {
    this.#node = { at: node.at, text: () => nodeText(node) };
  }

  #error(message: string): TemplateExecutionError {
    const at = this.#node?.at ?? 0;
    const { name, source } = this.#template;
    const before = source.slice(0, at);
    const column = utf8(before.slice(before.lastIndexOf('\n') + 1)).length;
    const shown = this.#node?.text() ?? '';
    const line = before.split('\n').length;
    return new TemplateExecutionError(
      `template: ${name}:${line}:${column}: executing ${goQuote(this.#name)} at <${shown}>: ${message}`,
      this.output,
    );
  }
}

interface Call {
  readonly dot: Value;
  readonly args: readonly Operand[];
  /** What the pipeline's previous command gave. */
  readonly final: Value | null;
}

function parameterAt(known: TemplateFunction, index: number): Parameter {
  return known.parameters[index] ?? known.rest ?? 'any';
}
