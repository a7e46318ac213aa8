import { createApi } from '../api/api.ts';
import type { Backend } from '../api/backend.ts';
import { DisposableStore } from '../base/disposable.ts';
import { AppError, toAppError } from '../base/errors.ts';
import type { ByteSource } from '../base/streams.ts';
import type { Root } from '../engine/containers/files/view.ts';
import { createEngine, type Engine } from '../engine/engine.ts';
import { memoryStorage, type ContentStorage } from '../engine/images/images.ts';
import type { StartSha256 } from '../engine/content/sha256.ts';
import type { OutsideWay } from '../engine/outside/way.ts';
import type { PortPublisher } from '../engine/ports/published-port.ts';
import { bundledRegistry } from '../engine/registry/bundled.ts';
import { privateHost } from '../engine/registry/server/registries.ts';
import { engineVersion } from '../engine/system/version.ts';
import { Guest } from '../guest/guest.ts';
import { watchTroubles } from '../guest/troubles.ts';
import type { GuestSockets } from '../guest/sockets.ts';
import { mountShare } from '../guest/share.ts';
import { bootMachine, type Machine } from '../machine/machine.ts';
import type { SharedFiles } from '../machine/share-device.ts';
import type { HttpHandler } from '../protocol/http.ts';
import { takeCheckpoint, type HeldCheckpoint, type OpenedCheckpoint } from './checkpoint.ts';
import { serveGuest } from './engine-sockets.ts';
import { loopbackRegistries, type DialLoopback } from './loopback-registries.ts';
import { AppHosts } from './outside/app-hosts.ts';
import { inflate } from './inflate.ts';

export interface HostOptions {
  readonly wasm: Uint8Array<ArrayBuffer>;
  readonly disk: Uint8Array<ArrayBuffer>;
  readonly state: Uint8Array<ArrayBuffer>;
  readonly memoryMegabytes: number;
  /** A file of the image layout. */
  openImageFile(path: string, signal?: AbortSignal): Promise<ByteSource>;
  /** A file of the tools of the guest's root. */
  openToolFile(path: string): Promise<ByteSource>;
  readonly sha256: StartSha256;
  /** What stands for published ports outside of the guest; nothing unless given. */
  readonly publisher?: ((sockets: GuestSockets) => PortPublisher) | undefined;
  /** Ways out of the guest, in the order in which they are asked; none unless given. */
  readonly outside?: readonly OutsideWay[] | undefined;
  /** Where images' contents lie: in memory unless given. */
  readonly storage?: ContentStorage | undefined;
  /** In place of a fresh start; `state` says then which guest is expected. */
  readonly checkpoint?: OpenedCheckpoint | undefined;
  /** The log to go on with, after a reset; after a restore, the one that the checkpoint's comes after. */
  readonly log?: Engine['log'] | undefined;
  /** Clients are on another machine than the guest, and mean its paths perhaps. */
  readonly clientsOutside?: boolean | undefined;
  /** A port of the machine that the engine runs on, for registries there; none unless given. */
  readonly dialLoopback?: DialLoopback | undefined;
  /** A folder outside that the guest has at the same path. */
  readonly share?: HostShare | undefined;
  /** The guest's memory is in place; now it wakes. */
  readonly onRestored?: () => void;
}

/** A folder outside: who serves its files, and where the guest is to have it. */
export interface HostShare {
  readonly path: string;
  open(): SharedFiles & { dispose(): void };
}

/** One Docker host: the guest, the engine outside it and the API between them. */
export interface Host {
  readonly machine: Machine;
  readonly guest: Guest;
  /** Hosts outside that are in the app. */
  readonly appHosts: AppHosts;
  readonly backend: Backend;
  readonly api: HttpHandler;
  readonly log: Engine['log'];
  /** The root of a container, running or not, for as long as `use` takes. */
  withContainerRoot<T>(reference: string, use: (root: Root) => Promise<T>): Promise<T>;
  /** The host goes on. @throws AppError conflict while another one is taken; cancelled */
  checkpoint(signal?: AbortSignal): Promise<HeldCheckpoint>;
  dispose(): Promise<void>;
}

export async function startHost({
  openImageFile,
  openToolFile,
  sha256,
  publisher,
  outside,
  storage = memoryStorage(),
  log,
  checkpoint,
  onRestored,
  share,
  clientsOutside = false,
  dialLoopback,
  wasm,
  disk,
  state,
  memoryMegabytes,
}: HostOptions): Promise<Host> {
  const store = new DisposableStore();
  /** Nothing of the guest runs before there is a log. */
  let tellTrouble = (_message: string): void => undefined;
  const shared = share?.open();
  if (shared !== undefined) store.add(shared);
  const machine = await bootMachine({
    wasm,
    disk,
    memoryMegabytes,
    boot: checkpoint === undefined ? { state } : { state: checkpoint.state, sameBuildAs: state },
    layers: checkpoint?.images.trees ?? [],
    share: shared,
    // Code and index come with the first of them that is used.
    tools: {
      load: async () => {
        const { loadTools } = await import('./tools/load-tools.ts');
        return loadTools({ open: openToolFile, sha256, onFailure: (message) => tellTrouble(message) });
      },
    },
  });
  try {
    onRestored?.();
    const guest = new Guest(machine.channel);
    const appHosts = new AppHosts();
    const engine = createEngine({
      runtime: guest,
      random: (bytes) => crypto.getRandomValues(new Uint8Array(bytes)),
      registry: bundledRegistry(openImageFile),
      hosts: loopbackRegistries(() => guest.sockets, dialLoopback),
      layers: machine.layers,
      inflate,
      sha256,
      storage,
      host: { clientsOutside },
      publisher: publisher?.(guest.sockets),
      outside: outside === undefined || outside.length === 0 ? [] : [appHosts, ...outside],
    });
    const registry = engine.registries.handlerFor(privateHost);
    if (registry !== null) store.add(appHosts.add(privateHost, registry));
    if (log !== undefined) engine.log.resume(log.snapshot());
    // Before anything of the guest is heard: who ended meanwhile ends for these records.
    if (checkpoint !== undefined) engine.restore(checkpoint.engine, checkpoint.images);
    tellTrouble = (message) => void engine.log.append({ kind: 'trouble', container: '', message, over: false });
    const api = createApi(engine, engineVersion);
    store.add(serveGuest(machine.channel, api));
    store.add(watchTroubles(machine.channel, (trouble) => void engine.log.append(trouble)));
    await machine.ready;
    await engine.prepare();
    if (share !== undefined && shared !== undefined) await mountShare(guest.processes, { tag: shared.tag, path: share.path });
    return {
      machine,
      guest,
      appHosts,
      backend: engine,
      api,
      log: engine.log,
      withContainerRoot: (reference, use) => engine.withFiles(reference, use),
      checkpoint: (signal) => takeCheckpoint({ machine, engine, storage }, signal),
      async dispose() {
        store.dispose();
        const over = engine.dispose();
        // What waits for the guest is told only by its end.
        await machine.dispose();
        await over;
      },
    };
  } catch (error) {
    store.dispose();
    await machine.dispose();
    const detail = { console: machine.consoleText().slice(-1000) };
    throw new AppError('unavailable', toAppError(error).message, { cause: error, detail });
  }
}
