import type { FirewallRule } from '../../protocol/firewall.ts';
import type { PublishedPort } from './published-port.ts';

/** What a container has published, and what is to be given back for it. */
export interface Publication {
  /** Of the networks that its default routes go to; null where it has none of that version. */
  readonly networks: { readonly v4: string | null; readonly v6: string | null };
  readonly ports: readonly PublishedPort[];
  /** In the guest. */
  readonly rules: readonly FirewallRule[];
  /** On whatever the guest runs on. */
  readonly listeners: readonly (() => Promise<void>)[];
}
