import { connect } from 'node:net';
import { AppError } from '../../base/errors.ts';
import type { Dialled } from '../loopback-registries.ts';
import { socketDuplex } from './socket-duplex.ts';

/** TCP to a port of this machine's loopback. @throws AppError unavailable "dial tcp 127.0.0.1:5000: connect: connection refused" */
export function dialLoopback(port: number): Promise<Dialled> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port, allowHalfOpen: true });
    const failed = (cause: NodeJS.ErrnoException): void => {
      const why = cause.code === 'ECONNREFUSED' ? 'connection refused' : cause.message;
      reject(new AppError('unavailable', `dial tcp 127.0.0.1:${port}: connect: ${why}`, { cause }));
    };
    socket.once('error', failed);
    socket.once('connect', () => {
      const duplex = socketDuplex(socket);
      socket.off('error', failed);
      resolve({ ...duplex, reset: () => void socket.destroy() });
    });
  });
}
