import { AppError } from '../../base/errors.ts';
import { isAddress, isAddress4 } from '../../grammar/address.ts';

/** A condition and whether its opposite is meant ("! -i docker0"). */
export interface Condition<T> {
  readonly value: T;
  readonly not: boolean;
}

export interface Block {
  /** Of the rule's family. */
  readonly address: string;
  readonly prefix: number;
}

export type Match =
  | { readonly kind: 'port'; readonly port: number }
  | { readonly kind: 'type'; readonly of: 'source' | 'destination' }
  | { readonly kind: 'states'; readonly states: readonly string[] };

export type Target =
  | { readonly kind: 'jump'; readonly to: string }
  | { readonly kind: 'verdict'; readonly name: 'ACCEPT' | 'DROP' | 'RETURN' }
  | { readonly kind: 'masquerade' }
  | { readonly kind: 'destination'; readonly address: string; readonly port: number };

export interface Rule {
  readonly chain: string;
  /** -I: before the others. */
  readonly first: boolean;
  readonly into: Condition<string> | null;
  readonly outOf: Condition<string> | null;
  readonly source: Condition<Block> | null;
  readonly destination: Condition<Block> | null;
  readonly protocol: 'tcp' | 'udp' | null;
  /** In the order of the line. */
  readonly matches: readonly Match[];
  readonly target: Target;
}

export type Command =
  | { readonly kind: 'chain'; readonly chain: string }
  | { readonly kind: 'policy'; readonly chain: string; readonly policy: 'ACCEPT' | 'DROP' }
  | { readonly kind: 'rule'; readonly rule: Rule };

type Draft = { -readonly [K in keyof Rule]: Rule[K] | (K extends 'target' ? null : never) } & { matches: Match[] };

/** Reads what iptables(8) reads, as far as the engine writes it. @throws AppError internal for anything else */
export function parseWords(words: string): Command {
  const rest = words.split(' ').reverse();
  const next = (): string => rest.pop() ?? refuse(words);
  const [verb, chain] = [next(), next()];
  if (verb === '-N') return { kind: 'chain', chain };
  if (verb === '-P') {
    const policy = next();
    return policy === 'ACCEPT' || policy === 'DROP' ? { kind: 'policy', chain, policy } : refuse(words);
  }
  if (verb !== '-A' && verb !== '-I') return refuse(words);
  const draft: Draft = {
    chain,
    first: verb === '-I',
    into: null,
    outOf: null,
    source: null,
    destination: null,
    protocol: null,
    matches: [],
    target: null,
  };
  while (rest.length > 0) takeOption(draft, next, () => refuse(words));
  const { target } = draft;
  return target === null ? refuse(words) : { kind: 'rule', rule: { ...draft, target } };
}

function takeOption(draft: Draft, next: () => string, refused: () => never): void {
  let option = next();
  const not = option === '!';
  if (not) option = next();
  switch (option) {
    case '-i':
      draft.into = { value: next(), not };
      return;
    case '-o':
      draft.outOf = { value: next(), not };
      return;
    case '-s':
      draft.source = { value: block(next(), refused), not };
      return;
    case '-d':
      draft.destination = { value: block(next(), refused), not };
      return;
  }
  if (not) refused();
  switch (option) {
    case '-p': {
      const protocol = next();
      if (protocol !== 'tcp' && protocol !== 'udp') return refused();
      draft.protocol = protocol;
      return;
    }
    // What it loads is clear from its options.
    case '-m':
      next();
      return;
    case '--dport':
      draft.matches.push({ kind: 'port', port: Number(next()) });
      return;
    case '--src-type':
    case '--dst-type':
      if (next() !== 'LOCAL') refused();
      draft.matches.push({ kind: 'type', of: option === '--src-type' ? 'source' : 'destination' });
      return;
    case '--ctstate':
      draft.matches.push({ kind: 'states', states: next().split(',') });
      return;
    case '-j':
      draft.target = target(next(), next, refused);
      return;
    default:
      refused();
  }
}

function target(name: string, next: () => string, refused: () => never): Target {
  switch (name) {
    case 'ACCEPT':
    case 'DROP':
    case 'RETURN':
      return { kind: 'verdict', name };
    case 'MASQUERADE':
      return { kind: 'masquerade' };
    case 'DNAT': {
      const place = next() === '--to-destination' ? /^(?:([\d.]+)|\[([\da-f:.]+)\]):(\d+)$/.exec(next()) : null;
      const [, v4, v6, port] = place ?? refused();
      return { kind: 'destination', address: v4 ?? v6 ?? refused(), port: Number(port) };
    }
    default:
      return { kind: 'jump', to: name };
  }
}

function block(text: string, refused: () => never): Block {
  const [address = '', prefix = ''] = text.split('/');
  if (!isAddress(address)) refused();
  return { address, prefix: prefix === '' ? (isAddress4(address) ? 32 : 128) : Number(prefix) };
}

function refuse(words: string): never {
  throw new AppError('internal', `iptables ${words}: not a line that is understood here`);
}
