import { hostKind, type AgentRecordInput } from '../protocol/agent.ts';
import type { GuestChannel } from './channel.ts';
import { request } from './request.ts';

/** Overlays outside of containers. Satisfies engine/runtime.ts's GuestOverlays. */
export class GuestOverlays {
  readonly #channel: GuestChannel;

  constructor(channel: GuestChannel) {
    this.#channel = channel;
  }

  async mount(spec: AgentRecordInput<'overlaySpec'>): Promise<void> {
    await request(this.#channel, { kind: hostKind.mount, ask: 'overlaySpec', answer: 'empty' }, spec);
  }

  async unmount(target: string): Promise<void> {
    await request(this.#channel, { kind: hostKind.unmount, ask: 'overlaySpec', answer: 'empty' }, { target });
  }
}
