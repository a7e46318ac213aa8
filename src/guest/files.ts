import { hostKind, type AgentRecordInput } from '../protocol/agent.ts';
import type { GuestChannel } from './channel.ts';
import { request } from './request.ts';

export interface FileChanges {
  readonly directories?: readonly string[];
  readonly files?: readonly AgentRecordInput<'file'>[];
  readonly remove?: readonly string[];
}

/** Writes of the guest. Satisfies engine/runtime.ts's GuestFiles. */
export class GuestFiles {
  readonly #channel: GuestChannel;

  constructor(channel: GuestChannel) {
    this.#channel = channel;
  }

  /** Directories first, then files, then removals. */
  async write({ directories = [], files = [], remove = [] }: FileChanges): Promise<void> {
    const changes = { makeDirectories: directories, files, remove };
    await request(this.#channel, { kind: hostKind.write, ask: 'writeSpec', answer: 'empty' }, changes);
  }
}
