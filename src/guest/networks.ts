import { hostKind, type AgentRecordInput } from '../protocol/agent.ts';
import type { GuestChannel } from './channel.ts';
import { request } from './request.ts';

/** Bridges of the guest. Satisfies engine/runtime.ts's NetworkRuntime. */
export class GuestNetworks {
  /** The agent changes no interfaces of a running container yet. */
  readonly endpoints = null;
  readonly #channel: GuestChannel;

  constructor(channel: GuestChannel) {
    this.#channel = channel;
  }

  async createBridge(spec: AgentRecordInput<'networkSpec'>): Promise<void> {
    await request(this.#channel, { kind: hostKind.networkCreate, ask: 'networkSpec', answer: 'empty' }, spec);
  }

  async removeBridge(bridge: string): Promise<void> {
    await request(this.#channel, { kind: hostKind.networkDelete, ask: 'networkSpec', answer: 'empty' }, { bridge });
  }
}
