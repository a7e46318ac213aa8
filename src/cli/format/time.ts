/** Go's time.Time.String of a Unix time, in UTC. @param seconds since the epoch */
export function goTime(seconds: number): string {
  return `${new Date(seconds * 1000).toISOString().slice(0, 19).replace('T', ' ')} +0000 UTC`;
}

/** RFC 3339 with nine decimals from nanoseconds, as docker events and logs show it, in UTC. */
export function rfc3339Nano(nano: bigint): string {
  const seconds = nano / 1_000_000_000n;
  const fraction = (nano % 1_000_000_000n).toString().padStart(9, '0');
  return `${new Date(Number(seconds) * 1000).toISOString().slice(0, 19)}.${fraction}Z`;
}

/** RFC 3339 without a fraction, in UTC. @param seconds since the epoch */
export function rfc3339(seconds: number): string {
  return `${new Date(Math.trunc(seconds) * 1000).toISOString().slice(0, 19)}Z`;
}
