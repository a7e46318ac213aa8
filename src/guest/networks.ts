import { hostKind, type AgentRecordInput } from '../protocol/agent.ts';
import type { GuestChannel } from './channel.ts';
import { request } from './request.ts';

/** Where a container's default routes go from then on; '' leaves one as it is. */
const unchanged: Routes = { v4: '', v6: '' };

/** Of engine/runtime.ts's Gateways. */
interface Routes {
  readonly v4: string;
  readonly v6: string;
  readonly device?: string;
  readonly device6?: string;
}

/** Bridges of the guest. Satisfies engine/runtime.ts's NetworkRuntime. */
export class GuestNetworks {
  readonly #channel: GuestChannel;

  constructor(channel: GuestChannel) {
    this.#channel = channel;
  }

  async createBridge(spec: AgentRecordInput<'networkSpec'>): Promise<void> {
    await request(this.#channel, { kind: hostKind.networkCreate, ask: 'networkSpec', answer: 'empty' }, spec);
  }

  /** Gives a running container an endpoint. */
  async addEndpoint(container: string, endpoint: AgentRecordInput<'endpoint'>, routes = unchanged): Promise<void> {
    await request(
      this.#channel,
      { kind: hostKind.endpointAdd, ask: 'endpointChange', answer: 'empty' },
      changeOf(container, endpoint, routes),
    );
  }

  /** Takes an endpoint away, if it is there; the container need run only where it gets another default route. */
  async removeEndpoint(container: string, endpoint: AgentRecordInput<'endpoint'>, routes = unchanged): Promise<void> {
    await request(
      this.#channel,
      { kind: hostKind.endpointRemove, ask: 'endpointChange', answer: 'empty' },
      changeOf(container, endpoint, routes),
    );
  }

  async removeBridge(bridge: string): Promise<void> {
    await request(this.#channel, { kind: hostKind.networkDelete, ask: 'networkSpec', answer: 'empty' }, { bridge });
  }
}

function changeOf(
  container: string,
  endpoint: AgentRecordInput<'endpoint'>,
  { v4, v6, device = '', device6 = '' }: Routes,
): AgentRecordInput<'endpointChange'> {
  return { container, endpoint, gateway: v4, gateway6: v6, device, device6 };
}
