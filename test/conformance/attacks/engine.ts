/** An engine without a guest on a unix socket, in a process of its own: the parent attacks it and may have to kill it. Prints the socket's path. */
import { servedEngine } from '../socket.ts';

const { path, engine } = await servedEngine();
process.on('message', () => {
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  const sockets = process.getActiveResourcesInfo().filter((each) => each === 'PipeWrap').length;
  process.send?.({ logBytes: engine.log.bytes, heap: heapUsed + arrayBuffers, sockets });
});
process.send?.({ path });
