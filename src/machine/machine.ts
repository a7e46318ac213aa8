import { AppError, cancelled } from '../base/errors.ts';
import type { Event } from '../base/events.ts';
import { decodeRecord, encodeRecord } from '../protocol/agent-codec.ts';
import { agentKind, hostKind, protocolVersion, type AgentRecord } from '../protocol/agent.ts';
import { acceptState, type ExpectedState } from './accept-state.ts';
import { guestBuild, kernelParameters } from './boot-inputs.ts';
import { Channel, type MachineChannel } from './channel/channel.ts';
import { ConsoleLog } from './console.ts';
import { SparseDisk } from './disk/sparse-disk.ts';
import { parseDiskTemplate } from './disk/template.ts';
import { Emulator, type EmulatorOptions } from './emulator.ts';
import { layerTrees, type LayerTrees } from './layers.ts';
import type { SharedFiles } from './share-device.ts';
import { Namespace, type LazyTree } from './ninep/namespace.ts';
import { NinepServer } from './ninep/server.ts';
import { encodeMachineState } from './state-codec.ts';
import type { ImmutableTree } from '../base/file-tree.ts';

const defaultMemoryMegabytes = 256;
const seedBytes = 64;

export interface ColdBoot {
  /** bzImage */
  readonly kernel: Uint8Array;
  /** Of `initrdFor`. */
  readonly initrd: Uint8Array;
  readonly bios: Uint8Array;
  readonly vgaBios: Uint8Array;
  /** Added to the kernel's own and to `kernelParameters`. */
  readonly commandLine?: string;
}

export interface MachineOptions {
  /** v86.wasm of the version that this project depends on, as bytes or compiled. */
  readonly wasm: EmulatorOptions['wasm'];
  /** 256 unless given; a state wants what it was saved with. */
  readonly memoryMegabytes?: number;
  /** A kernel to boot, or the bytes of `save()`. */
  readonly boot: ColdBoot | ({ readonly state: Uint8Array } & Pick<ExpectedState, 'sameBuildAs'>);
  /** A DRYDISK1 template (disk/template.ts), gunzipped. A state wants the one that it was saved with. */
  readonly disk: Uint8Array;
  /** Layers that are there before the first instruction: a restored guest may have files of them open. */
  readonly layers?: Iterable<readonly [name: string, tree: ImmutableTree]>;
  /** Files at /run/drydock/host/tools, made a tree when the guest first looks there. */
  readonly tools?: LazyTree | undefined;
  /** Files that change on both sides, in a device of their own that the guest has to look for. Such a machine cannot be saved. */
  readonly share?: SharedFiles | undefined;
}

export interface SaveOptions {
  /** Gives up waiting for the agent and for files that are being read; the machine goes on. */
  readonly signal?: AbortSignal;
  /**
   * Called once, when the guest stands still, all that it said has been delivered, and nothing of the state has been read yet: what it
   * records belongs to the same moment. A process whose end was delivered and not acted on is in the state as well, and ends again for who
   * adopts it. What it throws fails the save; the machine goes on.
   */
  readonly atStandstill?: () => void;
}

/** One emulated PC with the agent in it. */
export interface Machine {
  /** The agent said hello; clock and random numbers are right. Rejects when the machine fails before. */
  readonly ready: Promise<AgentRecord<'helloSpec'>>;
  /** Resolves when the kernel panicked or the emulator broke; the machine is of no use then. */
  readonly failed: Promise<AppError>;
  /** Streams to and from the agent: guest/'s GuestChannel. */
  readonly channel: MachineChannel;
  readonly layers: LayerTrees;
  /** Lines of the kernel's log. */
  readonly console: Event<string>;
  /** The last 64 KiB of the kernel's log. */
  consoleText(): string;
  readonly running: boolean;
  /** Bytes of the guest's disk that are kept in memory: what it has written and not freed. */
  diskBytes(): number;
  /** Guest instructions so far, u32 that wraps: a cost is `(after - before) >>> 0`. */
  instructions(): number;
  pause(): Promise<void>;
  resume(): Promise<void>;
  /** The machine as bytes (state-codec.ts); it goes on running if it ran. Refused while another save is under way (`conflict`). */
  save(options?: SaveOptions): Promise<Uint8Array<ArrayBuffer>>;
  /** Stops for good; open streams fail with `unavailable`. Idempotent. */
  dispose(): Promise<void>;
}

/** Makes a machine and starts it. Rejects with `unavailable` without WebAssembly or memory, with `invalid` for a state of another make. */
export async function bootMachine(options: MachineOptions): Promise<Machine> {
  const machine = new RunningMachine(options);
  await machine.start();
  return machine;
}

class RunningMachine implements Machine {
  readonly ready: Promise<AgentRecord<'helloSpec'>>;
  readonly failed: Promise<AppError>;
  readonly channel = new Channel();
  readonly layers: LayerTrees;
  readonly #options: MachineOptions;
  readonly #console = new ConsoleLog();
  readonly console = this.#console.output;
  readonly #namespace: Namespace;
  readonly #server: NinepServer;
  readonly #disk: SparseDisk;
  #emulator: Emulator | null = null;
  #settleFailed: (error: AppError) => void = () => undefined;
  /** Rejects `ready`. */
  #giveUp: (error: AppError) => void = () => undefined;
  #saving = false;
  #build = '';

  constructor(options: MachineOptions) {
    this.#options = options;
    this.#namespace = new Namespace(options.tools ?? null);
    this.#server = new NinepServer(this.#namespace, this.channel.link);
    this.#disk = new SparseDisk(parseDiskTemplate(options.disk));
    this.layers = layerTrees(this.#namespace);
    this.failed = new Promise((resolve) => {
      this.#settleFailed = resolve;
    });
    this.ready = this.#greet();
    this.ready.catch(() => undefined);
    this.#console.panicked((line) => this.#fail(new AppError('unavailable', line)));
  }

  get #megabytes(): number {
    return this.#options.memoryMegabytes ?? defaultMemoryMegabytes;
  }

  async start(): Promise<void> {
    const { boot, disk, layers, wasm } = this.#options;
    const state = 'state' in boot ? acceptState(boot.state, { ...boot, memoryMegabytes: this.#megabytes }) : null;
    this.#build = state?.build ?? ('state' in boot ? '' : guestBuild({ ...boot, disk }));
    if (state !== null) this.#server.restore(state.server);
    for (const [name, tree] of layers ?? []) this.#namespace.add(name, tree);
    this.#emulator = await Emulator.create({
      wasm,
      memoryBytes: this.#megabytes * 1024 * 1024,
      ...('state' in boot ? {} : { boot: { ...boot, commandLine: `${kernelParameters(this.#megabytes)} ${boot.commandLine ?? ''}` } }),
      disk: this.#disk,
      handle9p: (request, reply) => this.#server.handle(request, reply),
      onSerial: (byte) => this.#console.push(byte),
      onFailure: (error) => this.#fail(error),
    });
    if (state !== null) {
      await this.#emulator.restoreState(state.emulator.buffer);
      this.channel.restore(state.channel);
    }
    if (this.#options.share !== undefined) this.#emulator.plug(this.#options.share);
    await this.#emulator.run();
    if (state !== null) this.#emulator.wake();
  }

  get running(): boolean {
    return this.#emulator?.isRunning() ?? false;
  }

  consoleText(): string {
    return this.#console.text;
  }

  diskBytes(): number {
    return this.#disk.writtenBytes;
  }

  instructions(): number {
    return this.#emulator?.instructions() ?? 0;
  }

  async pause(): Promise<void> {
    await this.#emulator?.stop();
  }

  async resume(): Promise<void> {
    await this.#emulator?.run();
  }

  async save({ signal, atStandstill }: SaveOptions = {}): Promise<Uint8Array<ArrayBuffer>> {
    const emulator = this.#emulator;
    if (emulator === null) throw new AppError('unavailable', 'the machine is gone');
    if (this.#options.share !== undefined) throw new AppError('conflict', 'a machine with a shared folder cannot be saved');
    if (this.#saving) throw new AppError('conflict', 'the machine is being saved');
    this.#saving = true;
    const ran = emulator.isRunning();
    if (!ran) await emulator.run();
    const quiesced = this.channel.open(hostKind.quiesce, encodeRecord('empty', {})).reply;
    try {
      await abortable(this.#standStill(emulator, quiesced, signal), signal);
      // From here to the copies nothing else runs.
      atStandstill?.();
      return encodeMachineState({
        build: this.#build,
        memoryMegabytes: this.#megabytes,
        server: this.#server.save(),
        channel: this.channel.save(),
        emulator: await emulator.saveState(),
      });
    } finally {
      this.#saving = false;
      await emulator.run();
      // Not before its answer: the agent forgets a byte that came before it began to wait.
      quiesced.then(() => emulator.wake()).catch(() => undefined);
      if (!ran) await emulator.stop();
    }
  }

  async dispose(): Promise<void> {
    const emulator = this.#emulator;
    if (emulator === null) return;
    this.#emulator = null;
    const gone = new AppError('unavailable', 'the machine is gone');
    this.#giveUp(gone);
    this.channel.fail(gone);
    await emulator.destroy();
  }

  /** Stops between two requests of the guest's kernel: v86 cannot save one that waits for its answer. */
  async #standStill(emulator: Emulator, quiesced: Promise<unknown>, signal?: AbortSignal): Promise<void> {
    await quiesced;
    for (;;) {
      await this.#server.whenIdle();
      if (signal?.aborted === true) return;
      await emulator.stop();
      // A turn, in which readers take what was delivered.
      await new Promise((resolve) => setTimeout(resolve, 0));
      if (this.#server.pending === 0) return;
      await emulator.run();
    }
  }

  #greet(): Promise<AgentRecord<'helloSpec'>> {
    return new Promise((resolve, reject) => {
      this.#giveUp = reject;
      this.channel.onOpen(agentKind.hello, (stream) => {
        const hello = decodeRecord('helloSpec', stream.record);
        stream.reply(encodeRecord('empty', {}));
        stream.close(encodeRecord('empty', {})).catch(() => undefined);
        if (hello.version !== protocolVersion) {
          reject(new AppError('internal', `the agent speaks version ${hello.version} of the protocol, not ${protocolVersion}`));
          return;
        }
        this.#setClock().then(() => resolve(hello), reject);
      });
    });
  }

  /** After a boot the guest's clock is v86's; after a restore it stands where it was saved, and random numbers would repeat. */
  async #setClock(): Promise<void> {
    const now = Date.now();
    const seed = crypto.getRandomValues(new Uint8Array(seedBytes));
    const record = encodeRecord('clockSpec', { seconds: BigInt(Math.floor(now / 1000)), nanoseconds: (now % 1000) * 1_000_000, seed });
    await this.channel.open(hostKind.clock, record).reply;
  }

  #fail(error: AppError): void {
    this.#settleFailed(error);
    this.#giveUp(error);
    this.channel.fail(error);
  }
}

function abortable<T>(work: Promise<T>, signal?: AbortSignal): Promise<T> {
  if (signal === undefined) return work;
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(cancelled('saving the machine'));
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}
