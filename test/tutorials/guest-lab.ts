// Before v86 is loaded.
import { quickly } from './host-time.ts';
import { AppError } from '../../src/base/errors.ts';
import { Emitter } from '../../src/base/events.ts';
import { fromUtf8, utf8 } from '../../src/base/bytes.ts';
import { duplexOverPort } from '../../src/protocol/port-stream.ts';
import { EngineMirror } from '../../src/protocol/engine-mirror.ts';
import { factsOf, hostClock, type TutorialTerminal } from '../../src/tutorial/index.ts';
import type { HeldCheckpoint } from '../../src/worker/checkpoint.ts';
import type { LocalPlayground } from '../../src/worker/playground.ts';
import { createNodePlayground } from '../../src/worker/node/playground.ts';
import { plainText } from '../support/plain-text.ts';
import type { Lab } from './lab.ts';

/** A line that a shell waits on: the host's `root@drydock:~# `, a container's `/ # `. */
const prompt = /(^|[\r\n])[^\r\n]*[#$] $/;

/** A pty of the guest, read as it comes. */
class GuestTerminal implements TutorialTerminal {
  readonly #opened: Promise<{ readonly write: (bytes: Uint8Array) => Promise<void> }>;
  readonly #onOutput: () => void;
  readonly #activity: () => number;
  /** What came since the last Enter or control key was written. */
  #shown = '';
  ended = false;
  #waiting: (() => void)[] = [];

  constructor(playground: LocalPlayground, onOutput: () => void) {
    this.#onOutput = onOutput;
    this.#activity = () => playground.host.machine.instructions();
    this.#opened = this.#open(playground);
  }

  async #open(playground: LocalPlayground) {
    const { port } = await playground.terminals.open({ rows: 24, columns: 80 });
    const { source, sink } = duplexOverPort(port);
    const greeted = this.#untilShown(new AbortController().signal);
    void this.#read(source);
    await greeted;
    return { write: (bytes: Uint8Array) => sink.write(bytes) };
  }

  async #read(source: { read(): Promise<Uint8Array | null> }): Promise<void> {
    for (;;) {
      const chunk = await source.read().catch(() => null);
      if (chunk === null) break;
      this.#shown += fromUtf8(chunk);
      this.#onOutput();
      this.#wake();
    }
    this.ended = true;
    this.#wake();
  }

  #wake(): void {
    if (this.#hasPrompt()) for (const resolve of this.#waiting.splice(0)) resolve();
  }

  #hasPrompt(): boolean {
    return this.ended || prompt.test(plainText(this.#shown));
  }

  async write(keys: string): Promise<void> {
    const { write } = await this.#opened;
    if (/[\r\x03\x04\x11]/.test(keys)) this.#shown = '';
    await write(utf8(keys));
  }

  async untilPrompt(signal: AbortSignal): Promise<void> {
    await this.#opened;
    await quickly(this.#untilShown(signal), this.#activity);
  }

  #untilShown(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#hasPrompt()) return resolve();
      this.#waiting.push(resolve);
      signal.addEventListener(
        'abort',
        () => reject(new AppError('cancelled', `no prompt after ${JSON.stringify(this.#shown.slice(-300))}`)),
        { once: true },
      );
    });
  }
}

/** The real guest in this process. */
export async function openGuestLab(): Promise<Lab> {
  const playground = await createNodePlayground();
  const terminals = new Map<number, GuestTerminal>();
  const stirred = new Emitter<void>();
  const activity = (): number => playground.host.machine.instructions();
  const mirror = new EngineMirror(playground.log);
  mirror.onChange(() => stirred.emit());
  await mirror.start();
  let kept: { readonly name: string; readonly checkpoint: HeldCheckpoint } | null = null;
  return {
    facts: factsOf(mirror, playground),
    guest: {
      async reset() {
        terminals.clear();
        return playground.lifecycle.reset();
      },
      writeFiles: (files) => playground.files.write(files),
      exec: (command, options) => playground.lines.run(command, options),
    },
    clock: hostClock,
    moments: {
      async keep(name) {
        const checkpoint = await playground.lifecycle.checkpoint();
        kept?.checkpoint.dispose();
        kept = { name, checkpoint };
      },
      async goBack(name) {
        if (kept?.name !== name) return false;
        terminals.clear();
        await playground.lifecycle.restore(kept.checkpoint);
        return true;
      },
    },
    terminal(index) {
      const known = terminals.get(index);
      if (known !== undefined && !known.ended) return known;
      const opened = new GuestTerminal(playground, () => stirred.emit());
      terminals.set(index, opened);
      return opened;
    },
    letPass: (milliseconds) => quickly(new Promise((resolve) => setTimeout(resolve, milliseconds)), activity),
    onStir: stirred.event,
    patience: 15_000,
    async dispose() {
      mirror.dispose();
      stirred.dispose();
      kept?.checkpoint.dispose();
      await playground.dispose();
    },
  };
}
