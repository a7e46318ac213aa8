/** What netlink says of connections and flows: linux/netfilter/nfnetlink_conntrack.h. */

/** With the subsystem in front. */
export const flowMessage = { new: 0x100, get: 0x101, delete: 0x102 } as const;
export const flowPart = { original: 1, reply: 2, id: 12, filter: 25 } as const;
export const tuplePart = { addresses: 1, protocol: 2 } as const;
/** Of IPv4. */
export const addressPart = { source: 1, destination: 2 } as const;
export const protocolPart = { number: 1, source: 2, destination: 3 } as const;
