import { AppError } from '../../../base/errors.ts';
import type { HostConfig } from '../../../protocol/engine-api.ts';

/** docker/go-connections, nat: what is published, and where. @throws AppError invalid 'invalid port specification: "x"' */
export function checkPortBindings({ PortBindings: bindings }: HostConfig): void {
  for (const [port, places] of Object.entries(bindings ?? {})) {
    const number = port.split('/', 1)[0] ?? '';
    if (!isPort(number)) throw malformed(number);
    for (const { HostPort: place } of places ?? []) if (!isPortRange(place)) throw malformed(place);
  }
}

/** ParsePort: nothing is port 0. */
function isPort(text: string): boolean {
  return text === '' || (/^\d+$/.test(text) && Number(text) <= 0xffff);
}

/** ParsePortRange: "8080", "8080-8090"; what stands behind a second "-" is not looked at. */
function isPortRange(text: string): boolean {
  if (text === '') return true;
  const [first = '', last = first] = text.split('-');
  return [first, last].every((part) => part !== '' && isPort(part)) && Number(first) <= Number(last);
}

function malformed(text: string): AppError {
  return new AppError('invalid', `invalid port specification: "${text}"`);
}
