import { hostKind, type AgentRecordInput } from '../protocol/agent.ts';
import type { GuestChannel } from './channel.ts';
import { request } from './request.ts';

/** Bridges of the guest. Satisfies engine/runtime.ts's NetworkRuntime. */
export class GuestNetworks {
  readonly #channel: GuestChannel;

  constructor(channel: GuestChannel) {
    this.#channel = channel;
  }

  async createBridge(spec: AgentRecordInput<'networkSpec'>): Promise<void> {
    await request(this.#channel, { kind: hostKind.networkCreate, ask: 'networkSpec', answer: 'empty' }, spec);
  }

  /**
   * Gives a running container an endpoint.
   * @param gateway where its default route goes from then on; '' leaves it
   */
  async addEndpoint(container: string, endpoint: AgentRecordInput<'endpoint'>, gateway = ''): Promise<void> {
    const change = { container, endpoint, gateway };
    await request(this.#channel, { kind: hostKind.endpointAdd, ask: 'endpointChange', answer: 'empty' }, change);
  }

  /** Takes an endpoint away, if it is there; the container need run only where `gateway` gives it another default route. */
  async removeEndpoint(container: string, hostName: string, gateway = ''): Promise<void> {
    const change = { container, endpoint: { hostName }, gateway };
    await request(this.#channel, { kind: hostKind.endpointRemove, ask: 'endpointChange', answer: 'empty' }, change);
  }

  async removeBridge(bridge: string): Promise<void> {
    await request(this.#channel, { kind: hostKind.networkDelete, ask: 'networkSpec', answer: 'empty' }, { bridge });
  }
}
