import { goQuote } from '../../grammar/go-quote.ts';

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
