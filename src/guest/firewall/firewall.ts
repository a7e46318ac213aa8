import { AppError } from '../../base/errors.ts';
import { hostKind } from '../../protocol/agent.ts';
import type { FirewallChange, FirewallRule } from '../../protocol/firewall.ts';
import type { GuestChannel } from '../channel.ts';
import { request } from '../request.ts';
import { errnoIn, messagesIn, type Received } from './netlink.ts';
import { adding, handlesIn, removing } from './transaction.ts';

/** NETLINK_NETFILTER */
const family = 12;
const ENOENT = 2;
const EEXIST = 17;
/** What the kernel says of each has to fit into one answer. */
const rulesAtOnce = 64;

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

  async #send(messages: Uint8Array): Promise<Received[]> {
    const answer = await request(
      this.#channel,
      { kind: hostKind.netlink, ask: 'netlinkSpec', answer: 'netlinkAnswer' },
      { family, messages },
    );
    const received = messagesIn(answer.messages);
    const errno = errnoIn(received);
    if (errno === 0) return received;
    const kind = errno === ENOENT ? 'not_found' : errno === EEXIST ? 'conflict' : 'internal';
    throw new AppError(kind, `nf_tables refused the rules (errno ${errno})`, { detail: { errno } });
  }
}
