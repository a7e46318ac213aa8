import type { GuestSockets } from '../../../guest/sockets.ts';

/** Where a port stands on this machine, and where it leads in the guest. */
export interface Published {
  /** Of this machine. */
  readonly address: string;
  readonly port: number;
  /** Of the guest: as somebody there would name it, so that its rules lead to the container. */
  readonly guest: string;
}

export type Sockets = Pick<GuestSockets, 'connect' | 'bind'>;
