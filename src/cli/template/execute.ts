import { utf8 } from '../../base/bytes.ts';
import { CallError, type Parameter, type TemplateFunction } from './functions.ts';
import { nodeText, type CommandNode, type Node, type Operand, type Pipe, type Template } from './parse.ts';
import { goQuote } from '../go-quote.ts';
import { sprint, sortedEntries } from './print.ts';
import {
  boolValue,
  findField,
  findMethod,
  floatValue,
  indirect,
  intValue,
  invalid,
  isTrue,
  stringValue,
  typeName,
  withoutInterface,
  type Value,
} from './value.ts';

export interface ExecuteOptions {
  readonly functions: Readonly<Record<string, TemplateFunction>>;
  /** text/template's missingkey=error: a missing map key ends the execution. */
  readonly missingKeyIsError?: boolean;
}

/** A template that failed while it ran, in Go's words. `output` is what it had written. */
export class TemplateExecutionError extends Error {
  readonly output: string;

  constructor(message: string, output: string) {
    super(message);
    this.output = output;
  }
}

/** Throws TemplateExecutionError. */
export function executeTemplate(template: Template, data: Value, options: ExecuteOptions): string {
  const state = new Execution(template, data, options);
  state.walk(data, template.nodes);
  return state.output;
}

class LoopSignal extends Error {
  readonly kind: 'break' | 'continue';
  constructor(kind: 'break' | 'continue') {
    super(kind);
    this.kind = kind;
  }
}

interface Variable {
  readonly name: string;
  value: Value;
}

type Located = Operand | CommandNode;

class Execution {
  output = '';
  readonly #template: Template;
  readonly #options: ExecuteOptions;
  readonly #variables: Variable[];
  #node: { readonly at: number; readonly text: () => string } | null = null;

  constructor(template: Template, data: Value, options: ExecuteOptions) {
    this.#template = template;
    this.#options = options;
    this.#variables = [{ name: '$', value: data }];
  }

  walk(dot: Value, nodes: readonly Node[]): void {
    for (const node of nodes) this.#walkOne(dot, node);
  }

  #walkOne(dot: Value, node: Node): void {
    switch (node.kind) {
      case 'text':
        this.output += node.text;
        return;
      case 'action': {
        const value = this.#pipe(dot, node.pipe);
        if (node.pipe.variables.length === 0) this.#print(value);
        return;
      }
      case 'if':
      case 'with':
        return this.#branch(dot, node);
      case 'range':
        return this.#range(dot, node);
      case 'break':
      case 'continue':
        throw new LoopSignal(node.kind);
    }
  }

  #print(value: Value): void {
    const target = value.kind === 'pointer' ? indirect(value).value : value;
    this.output += target.kind === 'invalid' ? '<no value>' : sprint(target);
  }

  #branch(dot: Value, node: Extract<Node, { pipe: Pipe; body: readonly Node[] }>): void {
    const mark = this.#variables.length;
    const value = this.#pipe(dot, node.pipe);
    if (isTrue(withoutInterface(value))) this.walk(node.kind === 'with' ? value : dot, node.body);
    else if (node.otherwise !== null) this.walk(dot, node.otherwise);
    this.#variables.length = mark;
  }

  #range(dot: Value, node: Extract<Node, { pipe: Pipe; body: readonly Node[] }>): void {
    const mark = this.#variables.length;
    const { value } = indirect(this.#pipe(dot, node.pipe));
    if (value.kind === 'int' && node.pipe.variables.length > 1)
      throw this.#error(`can't use ${sprint(value)} to iterate over more than one variable`);
    const elements = this.#elements(value);
    const inner = this.#variables.length;
    for (const [key, element] of elements) {
      this.#bindLoop(node.pipe, key, element);
      try {
        this.walk(element, node.body);
      } catch (signal) {
        if (!(signal instanceof LoopSignal)) throw signal;
        if (signal.kind === 'break') break;
      } finally {
        this.#variables.length = inner;
      }
    }
    if (elements.length === 0 && node.otherwise !== null) this.walk(dot, node.otherwise);
    this.#variables.length = mark;
  }

  #elements(value: Value): readonly (readonly [Value, Value])[] {
    switch (value.kind) {
      case 'slice':
        return (value.items ?? []).map((item, index) => [intValue(index), item] as const);
      case 'map':
        return sortedEntries(value.entries).map(([key, item]) => [stringValue(key), item] as const);
      case 'int':
        return Array.from({ length: Number(value.value) }, (_empty, index) => [intValue(index), intValue(index)] as const);
      case 'invalid':
        return [];
      default:
        throw this.#error(`range can't iterate over ${sprint(value)}`);
    }
  }

  #bindLoop(pipe: Pipe, key: Value, element: Value): void {
    const [first, second] = pipe.variables;
    const bind = (name: string, value: Value): void =>
      pipe.assigns ? this.#assign(name, value) : void this.#variables.push({ name, value });
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
      else this.#variables.push({ name, value: result });
    }
    return result;
  }

  #assign(name: string, value: Value): void {
    const variable = this.#variables.findLast((candidate) => candidate.name === name);
    if (variable !== undefined) variable.value = value;
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
    const variable = this.#variables.findLast((candidate) => candidate.name === name);
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
        return typeof node.value === 'bigint' ? intValue(node.value) : floatValue(node.value);
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
    const known = this.#options.functions[name];
    if (known === undefined) throw this.#error(`${goQuote(name)} is not a defined function`);
    const count = call.args.length + (call.final === null ? 0 : 1);
    this.#checkCount(name, known, count);
    if (name === 'and' || name === 'or') return this.#lazy(name, call);
    const given = call.args.map((arg, index) => this.#argument(call.dot, arg, parameterAt(known, index)));
    const all = call.final === null ? given : [...given, this.#convert(call.final, parameterAt(known, count - 1))];
    try {
      return known.call(all);
    } catch (error) {
      if (!(error instanceof CallError)) throw error;
      this.#at(located);
      throw this.#error(`error calling ${name}: ${error.message}`);
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
    return this.#convert(this.#operand(dot, node), parameter);
  }

  #convert(value: Value, parameter: Parameter): Value {
    if (parameter === 'any') return value;
    const given = withoutInterface(value);
    const target = given.kind === 'pointer' && given.to !== null ? given.to : given;
    if (target.kind === 'invalid') throw this.#error(`invalid value; expected ${parameter}`);
    if (target.type !== parameter) throw this.#error(`wrong type for value; expected ${parameter}; got ${typeName(given)}`);
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
      `template: ${name}:${line}:${column}: executing ${goQuote(name)} at <${shown}>: ${message}`,
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
