/**
 * The address of a wisp relay: over TLS, or on this machine. A slash at its end, as wisp wants it, is added.
 * @returns null for anything else
 */
export function parseRelayAddress(text: string): string | null {
  const address = text.trim();
  const [, scheme, authority = '', path = ''] = /^(wss?):\/\/([^/?#\s@]+)(\/[!$&-;=@-Z_a-z~%[\]]*)?$/i.exec(address) ?? [];
  const [, host = '', port = '1'] = /^(\[[0-9a-f:.]+\]|[a-z0-9_.-]+)(?::(\d{1,5}))?$/i.exec(authority) ?? [];
  if (scheme === undefined || host === '' || Number(port) < 1 || Number(port) > 65_535 || address.length > 2000) return null;
  if (scheme.toLowerCase() === 'ws' && !/^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])$/i.test(host)) return null;
  return `${scheme.toLowerCase()}://${authority}${path.endsWith('/') ? path : `${path}/`}`;
}
