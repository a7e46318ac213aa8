/** A second client in a process of its own, for the bench of attacks: whoever reads 40 MB of a log beside it would be measured with the engine. */
import { request } from 'node:http';

const socketPath = process.argv[2] ?? '';
let over = false;
process.on('message', () => (over = true));

let longest = 0;
process.send?.('ready');
do {
  const started = performance.now();
  await new Promise<void>((answered, failed) => {
    request({ socketPath, path: '/_ping', agent: false }, (response) => response.resume().on('end', answered))
      .on('error', failed)
      .end();
  });
  longest = Math.max(longest, performance.now() - started);
  await new Promise((later) => setTimeout(later, 2));
} while (!over);
process.send?.({ longest });
process.disconnect();
