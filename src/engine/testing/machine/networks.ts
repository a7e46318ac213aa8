import { AppError } from '../../../base/errors.ts';
import type { BridgeSpec, EndpointSpec, Gateways, NetworkRuntime } from '../../runtime.ts';
import { fillMap, type TestCalls } from './calls.ts';
import type { TestContainers } from './containers.ts';
import type { TestFiles } from './files.ts';

const ENODEV = 19;
/** Of the guest's interfaces. */
const linkFolder = '/sys/class/net';

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
  readonly #files: TestFiles;

  constructor(calls: TestCalls, containers: TestContainers, files: TestFiles) {
    this.#calls = calls;
    this.#containers = containers;
    this.#files = files;
    for (const name of ['lo', 'eth0']) files.tree.set(`${linkFolder}/${name}`, '');
  }

  /** @throws AppError ENODEV */
  checkBridge(bridge: string): void {
    if (!this.#files.tree.has(`${linkFolder}/${bridge}`))
      throw new AppError('internal', `bridge ${bridge}: no such device`, { detail: { errno: ENODEV, stage: 'network' } });
  }

  async createBridge(spec: BridgeSpec): Promise<void> {
    await this.#calls.call('createBridge');
    this.bridges.set(spec.bridge ?? '', spec);
    this.#files.tree.set(`${linkFolder}/${spec.bridge ?? ''}`, '');
  }

  async removeBridge(bridge: string): Promise<void> {
    await this.#calls.call('removeBridge');
    this.bridges.delete(bridge);
    this.#files.tree.delete(`${linkFolder}/${bridge}`);
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
