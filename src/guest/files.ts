import { AppError } from '../base/errors.ts';
import { encodeRecord } from '../protocol/agent-codec.ts';
import { hostKind, maxPayloadBytes, maxRecordBytes, type AgentRecordInput } from '../protocol/agent.ts';
import type { GuestChannel } from './channel.ts';
import { request } from './request.ts';

type File = AgentRecordInput<'file'>;

export interface FileChanges {
  readonly directories?: readonly string[];
  readonly files?: readonly File[];
  readonly remove?: readonly string[];
}

/** Bytes of one request's files, unless one alone is longer: what is left of its frame is for the paths beside them. */
const batchBytes = maxPayloadBytes - 4096;
const maxFileBytes = maxRecordBytes - maxPayloadBytes;

/** Writes of the guest. Satisfies engine/runtime.ts's GuestFiles. */
export class GuestFiles {
  readonly #channel: GuestChannel;

  constructor(channel: GuestChannel) {
    this.#channel = channel;
  }

  /** Directories first, then files, then removals; as many requests as the files need. @throws AppError exhausted for a file of more than 8 MiB */
  async write({ directories = [], files = [], remove = [] }: FileChanges): Promise<void> {
    const parts = batches(files);
    for (const [index, part] of parts.entries()) {
      const makeDirectories = index === 0 ? directories : [];
      const changes = { makeDirectories, files: part, remove: index === parts.length - 1 ? remove : [] };
      await request(this.#channel, { kind: hostKind.write, ask: 'writeSpec', answer: 'empty' }, changes);
    }
  }
}

/** At least one, which may be empty. */
function batches(files: readonly File[]): readonly (readonly File[])[] {
  let part: File[] = [];
  const parts = [part];
  let room = batchBytes;
  for (const file of files) {
    const size = encodeRecord('writeSpec', { files: [file] }).length;
    if (size > maxFileBytes)
      throw new AppError('exhausted', `${file.path ?? ''}: a file of more than ${maxFileBytes} bytes cannot be written`);
    if (size > room && part.length > 0) {
      part = [];
      parts.push(part);
      room = batchBytes;
    }
    room -= size;
    part.push(file);
  }
  return parts;
}
