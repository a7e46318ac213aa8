import { hostKind, type AgentRecordInput } from '../protocol/agent.ts';
import type { GuestChannel } from './channel.ts';
import { request } from './request.ts';

/** Mounts the overlay of a container that does not run, does something with it and unmounts it whatever happens. */
export async function withOverlay<T>(
  channel: GuestChannel,
  spec: AgentRecordInput<'mountSpec'>,
  use: (target: string) => Promise<T>,
): Promise<T> {
  await request(channel, { kind: hostKind.mount, ask: 'mountSpec', answer: 'empty' }, spec);
  try {
    return await use(spec.target ?? '');
  } finally {
    await request(channel, { kind: hostKind.unmount, ask: 'mountSpec', answer: 'empty' }, { target: spec.target ?? '' });
  }
}
