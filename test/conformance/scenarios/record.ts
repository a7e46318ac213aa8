/**
 * `npm run scenarios:record -- SOCKET [NAME…]`: types the lines of every scenario (or of those named) at a real Docker engine and writes down what it said. The
 * engine must have nothing on it but images, since it is cleared after each: README.md says how ours was set up.
 */
import { mkdirSync } from 'node:fs';
import { readScenario, scenarioNames, writeScenario } from './files.ts';
import { clear, playScenario, scenarioFolder, typeLine } from './play.ts';

const [socket, ...named] = process.argv.slice(2);
if (socket === undefined) throw new Error('Usage: npm run scenarios:record -- SOCKET [NAME…]');
const host = `unix://${socket}`;
mkdirSync(scenarioFolder, { recursive: true });
const there = await typeLine(host, scenarioFolder, 'docker ps -aq; docker volume ls -q; docker network ls -qf type=custom');
if (there.status !== 0 || there.stdout !== '') throw new Error(`an engine with nothing on it is wanted: ${there.stdout}${there.stderr}`);
await clear(host, scenarioFolder);
for (const name of named.length === 0 ? scenarioNames() : named) {
  const began = Date.now();
  writeScenario(name, await playScenario(host, readScenario(name)));
  console.log(`${name}: ${Date.now() - began} ms`);
}
