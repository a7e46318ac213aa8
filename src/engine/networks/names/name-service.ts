import type { EventLog } from '../../../protocol/log.ts';
import { encodeAnswer, parseQuery, recordType, typeName, type Answer, type Query } from './packet.ts';
import { resolveName, resolvePointer, type Directory, type Member } from './resolve.ts';

/** Who asks, and what of its settings changes answers. */
export interface Asker {
  readonly member: Member;
  /** Its user said something of `ndots`: a name without a dot is for the search domains (libnetwork, NdotsSet). */
  readonly ndotsSet: boolean;
  /** What is not known here may be asked outside: not from internal networks. */
  readonly forwards: boolean;
}

export interface NameServiceContext {
  readonly directory: Directory;
  readonly events: Pick<EventLog, 'append'>;
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

  /** Logs what was asked. @returns null where nothing is answered */
  answer(packet: Uint8Array, transport: 'udp' | 'tcp', asker: Asker): Uint8Array | null {
    const parsed = parseQuery(packet);
    if (parsed === null) return null;
    if ('refusal' in parsed) return parsed.refusal;
    const { query } = parsed;
    const answer = this.#find(query, asker);
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

  #find(query: Query, asker: Asker): Answer {
    const records = this.#lookUp(query, asker.member);
    if (records !== null) return { code: 'NOERROR', records, recursive: true };
    const asksForAddress = query.type === recordType.A || query.type === recordType.AAAA;
    const hasDot = query.name.includes('.');
    if (asksForAddress && asker.ndotsSet && !hasDot) return { code: 'NOERROR', records: [], recursive: true };
    // A name without a dot is no name in the world's DNS: whoever is asked says so. For others there is nobody to ask.
    const isOurs = resolveName(this.#context.directory, asker.member, query.name) !== null;
    if (asker.forwards && query.name !== '' && !hasDot && !isOurs) return { code: 'NXDOMAIN', records: [], recursive: true };
    return { code: 'SERVFAIL', records: [], recursive: false };
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
    // A name that is there has no address of version 6, and no mail exchanger but itself.
    return type === recordType.A ? this.#inTurn(addresses) : [];
  }

  #inTurn(addresses: readonly string[]): readonly string[] {
    if (addresses.length < 2) return addresses;
    const first = this.#turn % addresses.length;
    this.#turn = (this.#turn + 1) % 2 ** 31;
    return [...addresses.slice(first), ...addresses.slice(0, first)];
  }
}
