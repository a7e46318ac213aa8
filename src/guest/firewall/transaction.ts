import { concatBytes } from '../../base/bytes.ts';
import type { FirewallChange, FirewallFamily, FirewallRule, FirewallTable } from '../../protocol/firewall.ts';
import { expressions, type Alignment } from './expressions.ts';
import { attributesIn, message, messageFlag, nest, number32, number64, text, type Received } from './netlink.ts';
import { parseWords } from './words.ts';

/** linux/netfilter/nfnetlink.h and nf_tables.h */
const subsystem = 10;
const batch = { begin: 16, end: 17 } as const;
export const messageKind = { newTable: 0, newChain: 3, newRule: 6, deleteRule: 8 } as const;
/** AF_INET and AF_INET6; no family's is what edges a batch. */
const familyNumber = { none: 0, ip: 2, ip6: 10 } as const;
const { create, append, echo, acknowledge } = messageFlag;

interface Place {
  readonly hook: number;
  readonly priority: number;
  readonly type: string;
}

const hook = { PREROUTING: 0, INPUT: 1, FORWARD: 2, OUTPUT: 3, POSTROUTING: 4 } as const;

/** The kernel's own chains, as iptables-nft makes them. */
const ownChains: Readonly<Record<FirewallTable, ReadonlyMap<string, Place>>> = {
  nat: new Map([
    ['PREROUTING', { hook: hook.PREROUTING, priority: -100, type: 'nat' }],
    ['INPUT', { hook: hook.INPUT, priority: 100, type: 'nat' }],
    ['OUTPUT', { hook: hook.OUTPUT, priority: -100, type: 'nat' }],
    ['POSTROUTING', { hook: hook.POSTROUTING, priority: 100, type: 'nat' }],
  ]),
  filter: new Map([
    ['INPUT', { hook: hook.INPUT, priority: 0, type: 'filter' }],
    ['FORWARD', { hook: hook.FORWARD, priority: 0, type: 'filter' }],
    ['OUTPUT', { hook: hook.OUTPUT, priority: 0, type: 'filter' }],
  ]),
  raw: new Map([
    ['PREROUTING', { hook: hook.PREROUTING, priority: -300, type: 'filter' }],
    ['OUTPUT', { hook: hook.OUTPUT, priority: -300, type: 'filter' }],
  ]),
};

export interface Transaction {
  readonly bytes: Uint8Array;
  /** Of the rules that it adds: sequence numbers of their messages. */
  readonly added: readonly (Omit<FirewallRule, 'handle'> & { readonly sequence: number })[];
}

/** All of it happens or nothing; the kernel tells the number of each rule. */
export function adding(changes: readonly FirewallChange[], alignment: Alignment = 4): Transaction {
  const messages: Uint8Array[] = [];
  const added: Transaction['added'][number][] = [];
  for (const { family, table, words } of changes) {
    const put = (kind: number, flags: number, ...body: readonly Uint8Array[]): void => {
      messages.push(ofTables(kind, { flags, sequence: messages.length + 1, family }, ...body));
    };
    const command = parseWords(words);
    switch (command.kind) {
      case 'chain':
        put(messageKind.newChain, create, text(1, table), text(3, command.chain));
        break;
      case 'policy':
        put(messageKind.newTable, create, text(1, table));
        put(messageKind.newChain, create, text(1, table), text(3, command.chain), ...ownChain(table, command.chain, command.policy));
        break;
      case 'rule': {
        const { chain, first } = command.rule;
        const rule = nest(4, ...expressions(command.rule, family, alignment));
        put(messageKind.newRule, create | echo | (first ? 0 : append), text(1, table), text(2, chain), rule);
        added.push({ sequence: messages.length, family, table, chain });
      }
    }
  }
  return { bytes: inBatch(messages), added };
}

/** @throws what the kernel says of one that is not there: the others stay, too */
export function removing(rules: readonly FirewallRule[]): Uint8Array {
  return inBatch(
    rules.map(({ family, table, chain, handle }, index) =>
      ofTables(messageKind.deleteRule, { flags: 0, sequence: index + 1, family }, text(1, table), text(2, chain), number64(3, handle)),
    ),
  );
}

/** The kernel's numbers of what was added, in order; 0 for one that it did not tell. */
export function handlesIn(received: readonly Received[], { added }: Transaction): FirewallRule[] {
  const handles = new Map<number, number>();
  for (const { type: kind, sequence, body } of received) {
    if (kind !== ((subsystem << 8) | messageKind.newRule)) continue;
    const handle = attributesIn(body.subarray(4)).get(3);
    if (handle?.length === 8) handles.set(sequence, Number(new DataView(handle.buffer, handle.byteOffset).getBigUint64(0)));
  }
  return added.map(({ sequence, ...rule }) => ({ ...rule, handle: handles.get(sequence) ?? 0 }));
}

function ownChain(table: FirewallTable, chain: string, policy: 'ACCEPT' | 'DROP'): Uint8Array[] {
  const place = ownChains[table].get(chain);
  if (place === undefined) return [];
  const where = nest(4, number32(1, place.hook), number32(2, place.priority));
  // As iptables -P: a policy that is not the kernel's own counts.
  const policyOf = policy === 'ACCEPT' ? [number32(5, 1)] : [number32(5, 0), nest(8, number64(1, 0), number64(2, 0))];
  return [where, ...policyOf, text(7, place.type)];
}

/** A message about the tables of a family, IPv4's unless told. @param kind of `messageKind` */
export function ofTables(
  kind: number,
  { flags, sequence, family = 'ip' }: { readonly flags: number; readonly sequence: number; readonly family?: FirewallFamily },
  ...body: readonly Uint8Array[]
): Uint8Array {
  return message({ type: (subsystem << 8) | kind, flags, sequence }, header(familyNumber[family], 0), ...body);
}

/** The last message is acknowledged: an answer without an error is one to all of them. */
export function inBatch(messages: readonly Uint8Array[]): Uint8Array {
  const last = messages.at(-1);
  if (last !== undefined) new DataView(last.buffer).setUint8(6, (last[6] ?? 0) | acknowledge);
  const edge = (kind: number, sequence: number): Uint8Array =>
    message({ type: kind, flags: 0, sequence }, header(familyNumber.none, subsystem));
  return concatBytes([edge(batch.begin, 0), ...messages, edge(batch.end, messages.length + 1)]);
}

/** struct nfgenmsg */
function header(ofFamily: number, resource: number): Uint8Array {
  return new Uint8Array([ofFamily, 0, resource >> 8, resource & 0xff]);
}
