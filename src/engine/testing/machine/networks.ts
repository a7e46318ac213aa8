import { AppError } from '../../../base/errors.ts';
import type { BridgeSpec, EndpointSpec, Gateways, NetworkRuntime } from '../../runtime.ts';
import { fillMap, type TestCalls } from './calls.ts';
import type { TestContainers } from './containers.ts';

const ENODEV = 19;

export interface SavedNetworks {
  readonly bridges: ReadonlyMap<string, BridgeSpec>;
  readonly interfaces: ReadonlyMap<string, string>;
}

/** Bridges and what is plugged into them. */
export class TestNetworks implements NetworkRuntime {
  readonly bridges = new Map<string, BridgeSpec>();
  /** The host's ends of the containers' interfaces, and where they are plugged in. */
  readonly interfaces = new Map<string, string>();
  readonly #calls: TestCalls;
  readonly #containers: TestContainers;

  constructor(calls: TestCalls, containers: TestContainers) {
    this.#calls = calls;
    this.#containers = containers;
  }

  /** @throws AppError ENODEV */
  checkBridge(bridge: string): void {
    if (!this.bridges.has(bridge))
      throw new AppError('internal', `bridge ${bridge}: no such device`, { detail: { errno: ENODEV, stage: 'network' } });
  }

  async createBridge(spec: BridgeSpec): Promise<void> {
    await this.#calls.call('createBridge');
    this.bridges.set(spec.bridge ?? '', spec);
  }

  async removeBridge(bridge: string): Promise<void> {
    await this.#calls.call('removeBridge');
    this.bridges.delete(bridge);
  }

  async addEndpoint(container: string, { bridge = '', hostName = '', name = '' }: EndpointSpec, routes: Gateways): Promise<void> {
    await this.#calls.call('addEndpoint');
    this.#containers.running(container);
    this.checkBridge(bridge);
    this.interfaces.set(hostName, bridge);
    this.#containers.find(container).plugged.set(hostName, name);
    this.#route(container, routes);
  }

  async removeEndpoint(container: string, { hostName = '' }: EndpointSpec, routes: Gateways): Promise<void> {
    await this.#calls.call('removeEndpoint');
    this.interfaces.delete(hostName);
    this.#containers.byId.get(container)?.plugged.delete(hostName);
    this.#route(container, routes);
  }

  save(): SavedNetworks {
    return { bridges: new Map(this.bridges), interfaces: new Map(this.interfaces) };
  }

  restore({ bridges, interfaces }: SavedNetworks): void {
    fillMap(this.bridges, bridges);
    fillMap(this.interfaces, interfaces);
  }

  #route(id: string, { v4, v6 }: Gateways): void {
    const container = this.#containers.byId.get(id);
    if (container === undefined) return;
    if (v4 !== '') container.gateway = v4;
    if (v6 !== '') container.gateway6 = v6;
  }
}
