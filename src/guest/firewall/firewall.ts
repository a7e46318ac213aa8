import { concatBytes } from '../../base/bytes.ts';
import { AppError } from '../../base/errors.ts';
import { hostKind } from '../../protocol/agent.ts';
import type { FirewallChange, FirewallFamily, FirewallRule } from '../../protocol/firewall.ts';
import type { GuestChannel } from '../channel.ts';
import { request } from '../request.ts';
import { askingForUdp, flowsIn, forgetting } from './flows.ts';
import { errnoIn, messagesIn, type Received } from './netlink.ts';
import { adding, handlesIn, removing } from './transaction.ts';

/** NETLINK_NETFILTER */
const family = 12;
const ENOENT = 2;
const EEXIST = 17;
/** What the kernel says of each has to fit into one answer. */
const rulesAtOnce = 64;
/** Flows taken away by one request. */
const flowsAtOnce = 64;
/** Dumps of one port's flows. */
const mostRounds = 64;
/** The kernel looks for the flows of one port at a time; of more ports than this all flows are asked for once. */
const portsAsked = 16;

/** The guest's nf_tables, in iptables' words. Satisfies engine/runtime.ts's GuestFirewall. */
export class GuestFirewall {
  readonly #channel: GuestChannel;

  constructor(channel: GuestChannel) {
    this.#channel = channel;
  }

  /**
   * All of them or none. Chains that are there already are no error.
   * @returns the rules, in order @throws AppError not_found where a chain is missing; internal with `detail.errno`
   */
  async add(changes: readonly FirewallChange[]): Promise<FirewallRule[]> {
    const made: FirewallRule[] = [];
    try {
      for (let at = 0; at < changes.length; at += rulesAtOnce) {
        const transaction = adding(changes.slice(at, at + rulesAtOnce));
        made.push(...handlesIn(await this.#send(transaction.bytes), transaction));
      }
    } catch (thrown) {
      // Why it failed matters more than that the way back failed, too.
      await this.remove(made).catch(() => undefined);
      throw thrown;
    }
    return made;
  }

  /** Those that are there. */
  async remove(rules: readonly FirewallRule[]): Promise<void> {
    for (let at = 0; at < rules.length; at += rulesAtOnce) await this.#removeSome(rules.slice(at, at + rulesAtOnce));
  }

  /** What comes while this goes on is led by the rules that there are now, and may stay. Where it never ends, somebody floods the port: enough is enough. */
  async forgetUdp(version: FirewallFamily, ports: readonly number[]): Promise<void> {
    const wanted = new Set(ports);
    const asked = wanted.size <= portsAsked ? [...wanted] : [null];
    for (const port of asked) {
      for (let round = 0; round < mostRounds; round += 1) {
        const flows = flowsIn(await this.#ask(askingForUdp(version, port)));
        const stale = flows.filter((flow) => wanted.has(flow.port));
        for (let at = 0; at < stale.length; at += flowsAtOnce)
          await this.#ask(concatBytes(stale.slice(at, at + flowsAtOnce).map((flow, index) => forgetting(version, flow, index + 1))));
        if (stale.length < flowsAtOnce) break;
      }
    }
  }

  /** Who deleted one by hand keeps us from all of them at once. */
  async #removeSome(rules: readonly FirewallRule[]): Promise<void> {
    try {
      await this.#send(removing(rules));
    } catch (thrown) {
      if (!(thrown instanceof AppError) || thrown.kind !== 'not_found') throw thrown;
      if (rules.length === 1) return;
      const middle = rules.length >> 1;
      await this.#removeSome(rules.slice(0, middle));
      await this.#removeSome(rules.slice(middle));
    }
  }

  async #ask(messages: Uint8Array): Promise<Received[]> {
    const answer = await request(
      this.#channel,
      { kind: hostKind.netlink, ask: 'netlinkSpec', answer: 'netlinkAnswer' },
      { family, messages },
    );
    return messagesIn(answer.messages);
  }

  async #send(messages: Uint8Array): Promise<Received[]> {
    const received = await this.#ask(messages);
    const errno = errnoIn(received);
    if (errno === 0) return received;
    const kind = errno === ENOENT ? 'not_found' : errno === EEXIST ? 'conflict' : 'internal';
    throw new AppError(kind, `nf_tables refused the rules (errno ${errno})`, { detail: { errno } });
  }
}
