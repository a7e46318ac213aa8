/**
 * Asks a real Docker engine and writes down what it says: `npx tsx test/conformance/refusals/record.ts /path/to/docker.sock > recorded.txt` in this folder.
 * The engine needs the image busybox. Its containers are named rules-…; nothing is pruned or pulled.
 */
import { request } from 'node:http';
import { askAll, type RawAnswer } from './ask.ts';
import type { BadRequest } from './requests.ts';

/** What goes on for ever is left after this many milliseconds. */
const patience = 1500;

function askOver(socketPath: string): (bad: BadRequest) => Promise<RawAnswer> {
  return ({ method, target, body, raw, headers }) =>
    new Promise((resolve, reject) => {
      const payload = raw ?? (body === undefined ? undefined : JSON.stringify(body));
      const length = payload === undefined ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(payload) };
      const asked = request({ socketPath, method, path: target, headers: { ...length, ...headers } });
      asked.on('error', reject);
      asked.on('upgrade', (response, socket) => {
        socket.destroy();
        resolve({ status: response.statusCode ?? 0, text: '' });
      });
      asked.on('response', (response) => {
        const chunks: Buffer[] = [];
        const done = (): void => {
          clearTimeout(timer);
          resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString() });
        };
        const timer = setTimeout(() => response.destroy(), patience);
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('close', done);
      });
      asked.end(payload);
    });
}

const answers = await askAll(askOver(process.argv[2] ?? '/var/run/docker.sock'));
for (const [title, answer] of answers) process.stdout.write(`${title}\n  ${JSON.stringify(answer)}\n`);
