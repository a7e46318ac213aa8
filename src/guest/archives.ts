import { pipeTo, type ByteSource } from '../base/streams.ts';
import { encodeRecord } from '../protocol/agent-codec.ts';
import { hostKind, lane, type AgentRecordInput } from '../protocol/agent.ts';
import type { GuestChannel } from './channel.ts';
import { sourceOf } from './request.ts';

/** Folders of the guest and of containers as tar archives. */
export class GuestArchives {
  readonly #channel: GuestChannel;

  constructor(channel: GuestChannel) {
    this.#channel = channel;
  }

  /**
   * Reads a file or a folder with all below it; the agent waits when nobody reads, and `cancel` ends it. Rejects when the path is not there; the
   * source fails when something in it cannot be read.
   */
  async read(tree: AgentRecordInput<'archiveSpec'>): Promise<ByteSource> {
    const stream = this.#channel.open(hostKind.archive, encodeRecord('archiveSpec', tree));
    return sourceOf(stream, lane.main);
  }

  /** Unpacks an archive below a folder that is there. Resolves when all of it is there; rejects with the first entry that could not be made. */
  async extract(folder: AgentRecordInput<'extractSpec'>, archive: ByteSource): Promise<void> {
    const stream = this.#channel.open(hostKind.extract, encodeRecord('extractSpec', folder));
    stream.closed.catch(() => undefined);
    try {
      await stream.reply;
      await pipeTo(archive, stream.lane(lane.main).sink);
    } catch (error) {
      archive.cancel(error);
      stream.reset(error);
    }
    await stream.closed;
  }
}
