import type { EventLog } from '../../../protocol/log.ts';
import { outsideTimeToLive } from '../../outside/known-names.ts';
import type { NameStatus } from '../../outside/way.ts';
import { encodeAnswer, parseQuery, recordType, typeName, type Answer, type Query } from './packet.ts';
import type { Answered } from './serve.ts';
import { resolveName, resolvePointer, type Directory, type Member } from './resolve.ts';

/** Who asks, and what of its settings changes answers. */
export interface Asker {
  readonly member: Member;
  /** Its user said something of `ndots`: a name without a dot is for the search domains (libnetwork, NdotsSet). */
  readonly ndotsSet: boolean;
  /** What is not known here may be asked outside: not from internal networks. */
  readonly forwards: boolean;
}

/** What is outside (outside/names.ts). */
export interface OutsideNamesLike {
  find(name: string): NameStatus | Promise<NameStatus>;
  addressOf(name: string): string | null;
  nameOf(address: string): string | null;
}

export interface NameServiceContext {
  readonly directory: Directory;
  readonly events: Pick<EventLog, 'append'>;
  /** Who is asked for what no network has; null: nobody. */
  readonly outside?: OutsideNamesLike | null;
}

const largestTcp = 65_535;

/** Docker's DNS (libnetwork/resolver.go): what it answers to one packet. Time and memory are bounded by the packet's size and the networks' members. */
export class NameService {
  readonly #context: NameServiceContext;
  /** Of all answers with several addresses: whoever asks next gets the next one first. */
  #turn = 0;

  constructor(context: NameServiceContext) {
    this.#context = context;
  }

  /** Logs what was asked. @returns null where nothing is answered; a promise where somebody outside has to be asked */
  answer(packet: Uint8Array, transport: 'udp' | 'tcp', asker: Asker): Answered {
    const parsed = parseQuery(packet);
    if (parsed === null) return null;
    if ('refusal' in parsed) return parsed.refusal;
    const { query } = parsed;
    const found = this.#find(query, asker);
    const say = (answer: Answer): Uint8Array => this.#say(query, answer, { transport, asker });
    return found instanceof Promise ? found.then(say) : say(found);
  }

  #say(
    query: Query,
    answer: Answer,
    { transport, asker }: { readonly transport: 'udp' | 'tcp'; readonly asker: Pick<Asker, 'member'> },
  ): Uint8Array {
    const { code, records } = answer;
    const { id, name: container } = asker.member;
    this.#context.events.append({
      kind: 'dns',
      container: { id, name: container },
      name: query.name,
      type: typeName(query.type),
      transport,
      code,
      records,
    });
    return encodeAnswer(query, answer, transport === 'tcp' ? largestTcp : query.udpSize);
  }

  #find(query: Query, asker: Asker): Answer | Promise<Answer> {
    const records = this.#lookUp(query, asker.member);
    if (records !== null) return { code: 'NOERROR', records, recursive: true };
    const asksForAddress = query.type === recordType.A || query.type === recordType.AAAA;
    const hasDot = query.name.includes('.');
    if (asksForAddress && asker.ndotsSet && !hasDot) return { code: 'NOERROR', records: [], recursive: true };
    // A name without a dot is no name in the world's DNS: whoever is asked says so. For others there is nobody to ask.
    const isOurs = resolveName(this.#context.directory, asker.member, query.name) !== null;
    if (asker.forwards && query.name !== '' && !hasDot && !isOurs) return { code: 'NXDOMAIN', records: [], recursive: true };
    const { outside = null } = this.#context;
    if (outside === null || !asker.forwards || query.name === '' || isOurs) return { code: 'SERVFAIL', records: [], recursive: false };
    if (query.type === recordType.PTR) return pointerOutside(outside, query.name);
    const found = outside.find(query.name);
    return found instanceof Promise ? found.then((status) => answerOutside(outside, query, status)) : answerOutside(outside, query, found);
  }

  /** null: it is not ours to answer. */
  #lookUp({ name, type }: Query, member: Member): readonly string[] | null {
    const { directory } = this.#context;
    if (type === recordType.PTR) {
      const found = resolvePointer(directory, member, name);
      return found === null ? null : [found];
    }
    if (type !== recordType.A && type !== recordType.AAAA && type !== recordType.MX) return null;
    const addresses = resolveName(directory, member, name);
    if (addresses === null) return null;
    // A name that is there has no mail exchanger but itself.
    if (type === recordType.MX) return [];
    return this.#inTurn(type === recordType.A ? addresses.v4 : addresses.v6);
  }

  #inTurn(addresses: readonly string[]): readonly string[] {
    if (addresses.length < 2) return addresses;
    const first = this.#turn % addresses.length;
    this.#turn = (this.#turn + 1) % 2 ** 31;
    return [...addresses.slice(first), ...addresses.slice(0, first)];
  }
}

/** There is an address of version 4 alone. */
function answerOutside(outside: OutsideNamesLike, { name, type }: Query, status: NameStatus): Answer {
  if (status === 'unknown') return { code: 'NXDOMAIN', records: [], recursive: true };
  const address = status === 'found' && type === recordType.A ? outside.addressOf(name) : '';
  if (status === 'unreachable' || address === null) return { code: 'SERVFAIL', records: [], recursive: true };
  return { code: 'NOERROR', records: address === '' ? [] : [address], recursive: true, timeToLive: outsideTimeToLive };
}

/** @param name "5.0.18.198.in-addr.arpa" */
function pointerOutside(outside: OutsideNamesLike, name: string): Answer {
  const digits = /^(\d+)\.(\d+)\.(\d+)\.(\d+)\.in-addr\.arpa$/i.exec(name)?.slice(1) ?? [];
  const found = outside.nameOf(digits.reverse().join('.'));
  if (found === null) return { code: 'NXDOMAIN', records: [], recursive: true };
  return { code: 'NOERROR', records: [found], recursive: true, timeToLive: outsideTimeToLive };
}
