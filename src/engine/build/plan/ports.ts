/** EXPOSE as BuildKit reads it (moby/buildkit: frontend/dockerfile/dockerfile2llb, convert_expose.go). */
import { AppError } from '../../../base/errors.ts';
import { isAddress } from '../../../grammar/address.ts';
import { goQuote } from '../../../grammar/go-quote.ts';
import type { LineRange } from '../../../grammar/dockerfile/parse-error.ts';
import type { Linter } from './checks/linter.ts';

interface Place {
  readonly lines: LineRange;
  readonly linter: Linter;
}

/** "80", "80-82/udp", "127.0.0.1:8080:80" (the end in the container counts): "80/tcp". @throws AppError invalid */
export function exposedPorts(text: string, { lines, linter }: Place): readonly string[] {
  const { address, host, container, protocol } = splitPort(text);
  const lower = protocol.toLowerCase();
  if (!['', 'tcp', 'udp', 'sctp'].includes(lower)) throw invalid(`invalid port: ${goQuote(text)}: invalid proto: ${lower}`);
  if (protocol !== lower) linter.warn('ExposeProtoCasing', lines, `Defined protocol '${text}' in EXPOSE instruction should be lowercase`);
  if (address !== '' || host !== '') {
    const why = 'EXPOSE instruction should not define an IP address or host-port mapping';
    linter.warn('ExposeInvalidFormat', lines, `${why}, found '${text}'`);
  }
  if (address !== '' && !isAddress(address.replace(/^\[(.*)\]$/, '$1'))) throw invalid(`invalid IP address: ${address}`);
  const inside = range(container, 'containerPort');
  if (host !== '') {
    const outside = range(host, 'hostPort');
    if (inside.length > 1 && inside.length !== outside.length)
      throw invalid(`invalid ranges specified for container and host Ports: ${container} and ${host}`);
  }
  return inside.map((port) => `${port}/${lower === '' ? 'tcp' : lower}`);
}

interface SplitPort {
  readonly address: string;
  readonly host: string;
  readonly container: string;
  readonly protocol: string;
}

function splitPort(text: string): SplitPort {
  const parts = text.split(':');
  const [container = '', ...protocol] = (parts.pop() ?? '').split('/');
  const host = parts.pop() ?? '';
  return { address: parts.join(':'), host, container, protocol: protocol.join('/') };
}

function range(text: string, what: 'containerPort' | 'hostPort'): readonly number[] {
  const [, from = '', to = from] = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(text) ?? [];
  const [first, last] = [Number(from), Number(to)];
  if (from === '' || last < first || last > 65535) throw invalid(`invalid ${what}: ${text}`);
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}

function invalid(message: string): AppError {
  return new AppError('invalid', message);
}
