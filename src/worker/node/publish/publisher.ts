import { AppError } from '../../../base/errors.ts';
import type { PortPublisher, PublishedPort } from '../../../engine/ports/published-port.ts';
import { publishDatagrams } from './datagrams.ts';
import type { Sockets } from './published.ts';
import { publishStream } from './stream.ts';

/**
 * Published ports as ports of this machine.
 * @param publishOn the address for those that are published on all of the guest's; those on 127.0.0.0/8 stay there, those on another of the guest's
 *   own addresses are ports of the guest alone
 */
export function nodePublisher(publishOn: string, sockets: Sockets): PortPublisher {
  return {
    async open({ protocol, address, outside }: PublishedPort) {
      const isAnywhere = address === '0.0.0.0';
      if (!isAnywhere && !address.startsWith('127.')) return () => Promise.resolve();
      const published = { address: isAnywhere ? publishOn : address, port: outside, guest: isAnywhere ? '127.0.0.1' : address };
      try {
        return await (protocol === 'tcp' ? publishStream(published, sockets) : publishDatagrams(published, sockets));
      } catch (thrown) {
        throw inGoWords(thrown);
      }
    },
  };
}

function inGoWords(thrown: unknown): AppError {
  const code = thrown instanceof Error && 'code' in thrown ? thrown.code : undefined;
  switch (code) {
    case 'EADDRINUSE':
      return new AppError('exhausted', 'address already in use', { cause: thrown });
    case 'EACCES':
    case 'EPERM':
      return new AppError('forbidden', 'permission denied', { cause: thrown });
    case 'EADDRNOTAVAIL':
      return new AppError('unavailable', 'cannot assign requested address', { cause: thrown });
    default:
      return new AppError('internal', thrown instanceof Error ? thrown.message : String(thrown), { cause: thrown });
  }
}
