/** Whose tables: those of iptables(8) or of ip6tables(8). */
export type FirewallFamily = 'ip' | 'ip6';

export type FirewallTable = 'nat' | 'filter' | 'raw';

/**
 * A change in the words of iptables(8), without the program's name and table: "-N DOCKER", "-P FORWARD DROP" (which also makes the kernel's own
 * chain, as iptables-nft does when it is first used), "-A DOCKER -i docker0 -j RETURN", "-I" for the first place.
 */
export interface FirewallChange {
  readonly family: FirewallFamily;
  readonly table: FirewallTable;
  readonly words: string;
}

/** A rule that is there, by the kernel's number. */
export interface FirewallRule {
  readonly family: FirewallFamily;
  readonly table: FirewallTable;
  readonly chain: string;
  readonly handle: number;
}
