/** An engine without a guest on a unix socket, in a process of its own: the parent attacks it and may have to kill it. Prints the socket's path. */
import { servedEngine } from '../socket.ts';

const { path, engine } = await servedEngine();
process.on('message', () => process.send?.({ logBytes: engine.log.bytes, heap: process.memoryUsage().heapUsed }));
process.send?.({ path });
