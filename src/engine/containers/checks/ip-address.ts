import { z } from 'zod';

const v4 = z.ipv4();
const v6 = z.ipv6();

/** Go's net.ParseIP. */
export function isAddress(text: string): boolean {
  return isAddress4(text) || isAddress6(text);
}

export function isAddress4(text: string): boolean {
  return v4.safeParse(text).success;
}

export function isAddress6(text: string): boolean {
  return v6.safeParse(text).success;
}
