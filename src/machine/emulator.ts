import { V86 } from 'v86';
import { AppError } from '../base/errors.ts';
import type { SparseDisk } from './disk/sparse-disk.ts';
import { teachTrim } from './disk/trim.ts';
import { spareFreshMemory, type FreshMemory } from './fresh-memory.ts';
import { findCompiler, watchModules, type Compiler } from './jit/compiler.ts';
import { CompilerPolicy } from './jit/policy.ts';
import { RestCompiler } from './jit/rest-compiler.ts';
import { guardInit, takeOverScheduling } from './scheduling.ts';
import { plugShare, type SharedFiles } from './share-device.ts';

/** What v86 wants of a disk image besides bytes: src/buffer.js's interface, which it recognises by `get`, `set` and `load`. */
export type BlockDevice = Pick<
  SparseDisk,
  'byteLength' | 'expectRanges' | 'get' | 'set' | 'get_and_cache' | 'get_from_cache' | 'load' | 'get_state' | 'set_state'
>;

export interface EmulatorOptions {
  /** v86.wasm. */
  readonly wasm: Uint8Array | ArrayBuffer | WebAssembly.Module;
  readonly memoryBytes: number;
  /** Absent when a state is restored. */
  readonly boot?: {
    readonly kernel: Uint8Array;
    readonly initrd: Uint8Array;
    readonly bios: Uint8Array;
    readonly vgaBios: Uint8Array;
    readonly commandLine: string;
  };
  readonly disk: BlockDevice;
  readonly handle9p: (request: Uint8Array, reply: (message: Uint8Array) => void) => void;
  /** Each byte of ttyS0. */
  readonly onSerial: (byte: number) => void;
  /** v86 itself failed; the guest does not go on. */
  readonly onFailure: (error: AppError) => void;
}

/** The screen is never looked at; 256 KiB is the least that v86 gives it. Part of a saved state. */
const vgaMemoryBytes = 256 * 1024;
const wakeSerialPort = 1;

/** v86 as this project uses it: a PC without screen, keyboard and network card; 9p, one IDE disk, two serial ports. */
export class Emulator {
  readonly #v86: V86;
  /** null where v86 compiles by its own rules. */
  readonly #atRest: RestCompiler | null;
  readonly #memory: FreshMemory | null;

  private constructor(v86: V86, atRest: RestCompiler | null, memory: FreshMemory | null) {
    this.#v86 = v86;
    this.#atRest = atRest;
    this.#memory = memory;
  }

  /** Resolves when the machine is made; it does not run yet. */
  static async create(options: EmulatorOptions): Promise<Emulator> {
    const { v86, compiler, memory } = await start(options);
    v86.add_listener('serial0-output-byte', options.onSerial);
    teachTrim(v86, options.disk);
    const instructions = (): number => v86.get_instruction_counter();
    const atRest = compiler === null ? null : new RestCompiler(compiler, options.memoryBytes, instructions);
    takeOverScheduling(v86, {
      onFailure: options.onFailure,
      policy: compiler === null || atRest === null ? null : new CompilerPolicy(compiler, instructions, atRest),
    });
    return new Emulator(v86, atRest, memory);
  }

  run(): Promise<void> {
    this.#memory?.used();
    return this.#v86.run();
  }

  /** Resolves when no instruction is executed any more. */
  stop(): Promise<void> {
    return this.#v86.stop();
  }

  isRunning(): boolean {
    return this.#v86.is_running();
  }

  /** Guest instructions executed, u32 that wraps. */
  instructions(): number {
    return this.#v86.get_instruction_counter();
  }

  async saveState(): Promise<Uint8Array<ArrayBuffer>> {
    return new Uint8Array(await this.#v86.save_state());
  }

  async restoreState(state: ArrayBuffer): Promise<void> {
    await this.#v86.restore_state(state);
  }

  /** One byte to ttyS1, which the agent waits for after a quiesce. */
  wake(): void {
    this.#v86.serial_send_bytes(wakeSerialPort, Uint8Array.of(0x0a));
  }

  /** @throws AppError internal */
  plug(share: SharedFiles): void {
    plugShare(this.#v86, share);
  }

  destroy(): Promise<void> {
    this.#atRest?.dispose();
    return this.#v86.destroy();
  }
}

/** v86 reports no failure of its start: each place where one can happen is watched. */
async function start(
  options: EmulatorOptions,
): Promise<{ readonly v86: V86; readonly compiler: Compiler | null; readonly memory: FreshMemory | null }> {
  const module = await compile(options.wasm);
  let compiler: Compiler | null = null;
  let memory: FreshMemory | null = null;
  return new Promise((resolve, reject) => {
    const v86: V86 = new V86({
      wasm_fn: async (imports) => {
        try {
          const modules = watchModules(imports);
          const { exports } = await WebAssembly.instantiate(module, imports);
          compiler = findCompiler(exports, modules);
          const watched = modules.watched(exports);
          // Who boots has a kernel laid into it.
          if (options.boot !== undefined) return watched;
          memory = spareFreshMemory(watched);
          return memory.exports;
        } catch (error) {
          reject(noWebAssembly(error));
          return never;
        }
      },
      memory_size: options.memoryBytes,
      vga_memory_size: vgaMemoryBytes,
      autostart: false,
      disable_keyboard: true,
      disable_mouse: true,
      disable_speaker: true,
      net_device: {},
      uart1: true,
      filesystem: { handle9p: options.handle9p },
      // v86 loads the disk just before it makes the machine.
      hda: diskImage(options.disk, () => guardInit(v86, options.memoryBytes, reject)),
      ...(options.boot === undefined ? {} : bootImages(options.boot)),
    });
    v86.add_listener('emulator-loaded', () => resolve({ v86, compiler, memory }));
  });
}

const never = new Promise<never>(() => undefined);

async function compile(wasm: EmulatorOptions['wasm']): Promise<WebAssembly.Module> {
  if (wasm instanceof WebAssembly.Module) return wasm;
  try {
    return await WebAssembly.compile(wasm instanceof ArrayBuffer ? wasm : arrayBuffer(wasm));
  } catch (error) {
    throw noWebAssembly(error);
  }
}

function noWebAssembly(cause: unknown): AppError {
  return new AppError('unavailable', 'WebAssembly could not start the emulator', { cause });
}

function bootImages({ kernel, initrd, bios, vgaBios, commandLine }: NonNullable<EmulatorOptions['boot']>) {
  return {
    bios: { buffer: arrayBuffer(bios) },
    vga_bios: { buffer: arrayBuffer(vgaBios) },
    // v86 writes its boot parameters into the kernel image: arrayBuffer() copies.
    bzimage: { buffer: arrayBuffer(kernel) },
    initrd: { buffer: arrayBuffer(initrd) },
    cmdline: commandLine,
  };
}

function arrayBuffer(bytes: Uint8Array): ArrayBuffer {
  return bytes.slice().buffer;
}

/** v86's types know ready-made images only, its code takes any object with the interface of BlockDevice. */
function diskImage(disk: BlockDevice, onLoad: () => void): BlockDevice & { buffer: ArrayBuffer } {
  const load = disk.load.bind(disk);
  return Object.assign(disk, {
    buffer: new ArrayBuffer(0),
    load: () => {
      onLoad();
      load();
    },
  });
}
