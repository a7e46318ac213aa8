import type { FirewallRule } from '../../protocol/firewall.ts';
import type { PublishedPort } from './published-port.ts';

/** What a container has published, and what is to be given back for it. */
export interface Publication {
  readonly networkId: string;
  readonly ports: readonly PublishedPort[];
  /** In the guest. */
  readonly rules: readonly FirewallRule[];
  /** On whatever the guest runs on. */
  readonly listeners: readonly (() => Promise<void>)[];
}
