import { AppError } from '../../base/errors.ts';
import { decodeRecord, encodeRecord } from '../../protocol/agent-codec.ts';
import { agentKind, hostKind } from '../../protocol/agent.ts';
import { SocketsByStream, type AcceptedConnection, type AcceptingSockets } from '../accepting.ts';
import type { GuestChannel } from '../channel.ts';
import { errnoIn, messagesIn, type Received } from '../firewall/netlink.ts';
import { request } from '../request.ts';
import type { RestoredStreams } from '../restored.ts';
import { findConnection, sourceIn, type Way } from './conntrack.ts';
import { findLink, guestEnd, links, rules } from './setup.ts';

/** A TCP connection that leaves the guest. */
export interface OutsideConnection extends AcceptedConnection {
  /** Where it was to go. */
  readonly address: string;
  readonly port: number;
  /** Who made it: a container's address on one of its networks, or the guest's own; null where nobody knows any more. Dotted. Never rejects. */
  madeBy(): Promise<string | null>;
}

/** What leaves the guest: questions for names as datagrams, and connections. */
export type GuestOutsideSockets = AcceptingSockets<OutsideConnection>;

const ports = { udpPort: 53, tcpPort: 1 } as const;
/** Families of netlink(7). */
const family = { route: 0, netfilter: 12 } as const;
const newLink = 16;

/** The network that the guest's default route leads to. Satisfies engine/runtime.ts's OutsideRuntime. */
export class GuestOutside {
  readonly #channel: GuestChannel;
  readonly #sockets: SocketsByStream<OutsideConnection>;

  constructor(channel: GuestChannel, restored: RestoredStreams) {
    this.#channel = channel;
    this.#sockets = new SocketsByStream(restored);
    channel.onOpen(agentKind.outsideConnection, (stream) => {
      const { outside, address, port, from, fromPort } = decodeRecord('outsideConnectionSpec', stream.record);
      const madeBy = (): Promise<string | null> => this.#source({ from, fromPort, to: address, toPort: port });
      this.#sockets.accept(stream, outside, (connection) => ({ ...connection, address, port, madeBy }));
    });
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
    const sockets = this.#sockets.add(stream);
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
    return this.#sockets.adopt(handle);
  }

  async #linkIndex(): Promise<number> {
    const { body } = (await this.#route(findLink())).find(({ type }) => type === newLink) ?? {};
    if (body === undefined || body.length < 8) throw new AppError('internal', 'the guest has no way out: its interface is not there');
    return new DataView(body.buffer, body.byteOffset).getInt32(4, true);
  }

  /** Docker's rules masquerade who is on a bridge: the kernel's connection tracking knows who it was. */
  async #source(way: Way): Promise<string | null> {
    try {
      return sourceIn(await this.#ask(family.netfilter, findConnection(way)));
    } catch {
      return null;
    }
  }

  async #route(messages: Uint8Array): Promise<Received[]> {
    const received = await this.#ask(family.route, messages);
    const errno = errnoIn(received);
    if (errno !== 0) throw new AppError('internal', `the guest's way out: errno ${errno}`, { detail: { errno, stage: 'network' } });
    return received;
  }

  async #ask(of: number, messages: Uint8Array): Promise<Received[]> {
    const shape = { kind: hostKind.netlink, ask: 'netlinkSpec', answer: 'netlinkAnswer' } as const;
    return messagesIn((await request(this.#channel, shape, { family: of, messages })).messages);
  }
}
