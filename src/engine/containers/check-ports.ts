import { AppError } from '../../base/errors.ts';
import type { HostConfig } from '../../protocol/engine-api.ts';

/** Ports of `-p`, as go-connections reads them. @throws AppError invalid 'invalid port specification: "abc"' */
export function checkPorts({ PortBindings: bindings }: HostConfig): void {
  for (const [port, hosts] of Object.entries(bindings ?? {})) {
    const [number = '', protocol = 'tcp'] = port.split('/');
    if (!isRange(number) || !['tcp', 'udp', 'sctp'].includes(protocol.toLowerCase())) throw wrongPort(port);
    for (const { HostPort: host } of hosts ?? []) if (host !== '' && !isRange(host)) throw wrongPort(host);
  }
}

/** "80", "8000-8010"; 0 is any. */
function isRange(text: string): boolean {
  const [first = '', last = first, ...more] = text.split('-');
  const isPort = (word: string): boolean => /^\d{1,5}$/.test(word) && Number(word) <= 65_535;
  return more.length === 0 && isPort(first) && isPort(last) && Number(first) <= Number(last);
}

function wrongPort(text: string): AppError {
  return new AppError('invalid', `invalid port specification: "${text}"`);
}
