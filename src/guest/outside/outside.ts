import { AppError } from '../../base/errors.ts';
import { Emitter, type Event } from '../../base/events.ts';
import type { Duplex } from '../../base/streams.ts';
import { decodeRecord, encodeRecord } from '../../protocol/agent-codec.ts';
import { agentKind, hostKind, lane } from '../../protocol/agent.ts';
import type { GuestChannel, GuestStream, IncomingGuestStream } from '../channel.ts';
import { datagramsOver, type Datagrams } from '../datagrams.ts';
import { errnoIn, messagesIn, type Received } from '../firewall/netlink.ts';
import { request } from '../request.ts';
import type { RestoredStreams } from '../restored.ts';
import { findLink, guestEnd, links, rules } from './setup.ts';

/** A TCP connection that leaves the guest. */
export interface OutsideConnection extends Duplex {
  /** Where it was to go. */
  readonly address: string;
  readonly port: number;
  /** Ends it after what was written. Idempotent. */
  end(): void;
  /** The other side sees "connection reset by peer". */
  reset(): void;
}

/** What leaves the guest: questions for names as datagrams, and connections. */
export interface GuestOutsideSockets extends Datagrams {
  /** Names its stream in a saved machine; `adopt` takes it. */
  readonly handle: number;
  /** Who listens answers for its end. */
  readonly connected: Event<OutsideConnection>;
}

const ports = { udpPort: 53, tcpPort: 1 } as const;
/** Families of netlink(7). */
const family = { route: 0, netfilter: 12 } as const;
const newLink = 16;

/** The network that the guest's default route leads to. Satisfies engine/runtime.ts's OutsideRuntime. */
export class GuestOutside {
  readonly #channel: GuestChannel;
  readonly #restored: RestoredStreams;
  readonly #open = new Map<number, Emitter<OutsideConnection>>();

  constructor(channel: GuestChannel, restored: RestoredStreams) {
    this.#channel = channel;
    this.#restored = restored;
    channel.onOpen(agentKind.outsideConnection, (stream) => this.#accept(stream));
  }

  /** Makes it, with the guest's interface and default route. Rejects with the kernel's reason (`detail.errno`). */
  async open(): Promise<GuestOutsideSockets> {
    const setup = [
      { family: family.route, messages: links() },
      { family: family.netfilter, messages: rules(ports) },
    ];
    const stream = this.#channel.open(hostKind.outside, encodeRecord('outsideSpec', { ...ports, setup }));
    stream.closed.catch(() => undefined);
    await stream.reply;
    const sockets = this.#socketsOn(stream);
    try {
      await this.#route(guestEnd(await this.#linkIndex()));
    } catch (thrown) {
      sockets.close();
      throw thrown;
    }
    return sockets;
  }

  /** After a restore: the one that was open when the machine was saved; null if it is not there. */
  adopt(handle: number): GuestOutsideSockets | null {
    const stream = this.#restored.adopt(handle);
    return stream === null ? null : this.#socketsOn(stream);
  }

  async #linkIndex(): Promise<number> {
    const { body } = (await this.#route(findLink())).find(({ type }) => type === newLink) ?? {};
    if (body === undefined || body.length < 8) throw new AppError('internal', 'the guest has no way out: its interface is not there');
    return new DataView(body.buffer, body.byteOffset).getInt32(4, true);
  }

  async #route(messages: Uint8Array): Promise<Received[]> {
    const asked = { family: family.route, messages };
    const answer = await request(this.#channel, { kind: hostKind.netlink, ask: 'netlinkSpec', answer: 'netlinkAnswer' }, asked);
    const received = messagesIn(answer.messages);
    const errno = errnoIn(received);
    if (errno !== 0) throw new AppError('internal', `the guest's way out: errno ${errno}`, { detail: { errno, stage: 'network' } });
    return received;
  }

  #socketsOn(stream: GuestStream): GuestOutsideSockets {
    const connected = new Emitter<OutsideConnection>();
    this.#open.set(stream.id, connected);
    const forget = (): void => void this.#open.delete(stream.id);
    stream.closed.then(forget, forget);
    return { handle: stream.id, connected: connected.event, ...datagramsOver(stream) };
  }

  #accept(stream: IncomingGuestStream): void {
    stream.closed.catch(() => undefined);
    const { outside, address, port } = decodeRecord('outsideConnectionSpec', stream.record);
    const connected = this.#open.get(outside);
    if (connected === undefined) {
      stream.reset();
      return;
    }
    stream.reply(encodeRecord('empty', {}));
    const end = (): void => void stream.close(encodeRecord('empty', {})).catch(() => undefined);
    connected.emit({ ...stream.lane(lane.main), address, port, end, reset: () => stream.reset() });
  }
}
