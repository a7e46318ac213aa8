import { decodeRecord, encodeRecord } from '../protocol/agent-codec.ts';
import { hostKind, type AgentRecordInput } from '../protocol/agent.ts';
import type { GuestChannel, GuestStream } from './channel.ts';
import { processOn, type GuestProcess } from './process.ts';
import { request } from './request.ts';
import type { RestoredStreams } from './restored.ts';

type ProcessSpec = AgentRecordInput<'process'>;

/** Containers' processes. Satisfies engine/runtime.ts's ProcessRuntime. */
export class GuestProcesses {
  readonly #channel: GuestChannel;
  readonly #restored: RestoredStreams;

  constructor(channel: GuestChannel, restored: RestoredStreams) {
    this.#channel = channel;
    this.#restored = restored;
  }

  async start(spec: AgentRecordInput<'containerSpec'>): Promise<GuestProcess> {
    const stream = this.#channel.open(hostKind.start, encodeRecord('containerSpec', spec));
    return this.#started(stream, spec.process ?? {});
  }

  /** @param container '' runs it in the guest itself */
  async exec(container: string, process: ProcessSpec): Promise<GuestProcess> {
    const stream = this.#channel.open(hostKind.exec, encodeRecord('execSpec', { container, process }));
    return this.#started(stream, process);
  }

  async #started(stream: GuestStream, process: ProcessSpec): Promise<GuestProcess> {
    stream.closed.catch(() => undefined);
    const { pid } = decodeRecord('started', await stream.reply);
    return processOn(stream, pid, { tty: process.tty === 1, openStdin: process.openStdin === 1 });
  }

  adopt(handle: number, pid: number, process: { readonly tty: boolean; readonly openStdin: boolean }): GuestProcess | null {
    const stream = this.#restored.adopt(handle);
    return stream === null ? null : processOn(stream, pid, process);
  }

  /** What ran when the machine was saved and nobody has adopted. */
  releaseRestored(): void {
    this.#restored.release();
  }

  /** @param pid of an exec, in the guest's PID name space; 0: the container's first process */
  async signal(container: string, signal: number, pid = 0): Promise<void> {
    await request(this.#channel, { kind: hostKind.signal, ask: 'signalSpec', answer: 'empty' }, { container, signal, pid });
  }

  async freeze(container: string, frozen: boolean): Promise<void> {
    await request(this.#channel, { kind: hostKind.freeze, ask: 'freezeSpec', answer: 'empty' }, { container, frozen: frozen ? 1 : 0 });
  }

  async update(container: string, files: readonly AgentRecordInput<'cgroupFile'>[]): Promise<void> {
    await request(this.#channel, { kind: hostKind.update, ask: 'cgroupSpec', answer: 'empty' }, { container, files });
  }

  async remove(spec: AgentRecordInput<'deleteSpec'>): Promise<void> {
    await request(this.#channel, { kind: hostKind.delete, ask: 'deleteSpec', answer: 'empty' }, spec);
  }
}
