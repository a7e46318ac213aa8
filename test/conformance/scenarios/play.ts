import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Said, Step } from './format.ts';
import { createMask } from './mask.ts';

/** A line that says nothing for so many seconds does not end. */
const patience = 60;

/** Where the lines are typed: each scenario in a folder of its own below it, that the engine must see too. */
export const scenarioFolder = join(tmpdir(), 'drydock-scenarios');

/** What lines may use beside the machine's own tools: waits until a line succeeds, for as many tries at most, and says nothing. */
const prelude = 'until_ok() { for try in $(seq 500); do sh -c "$1" >/dev/null 2>&1 </dev/null && return; done; return 1; }';

/** Types one line at a shell. @param host for DOCKER_HOST */
export function typeLine(host: string, folder: string, line: string): Promise<Said> {
  const env = { ...process.env, DOCKER_HOST: host, DOCKER_CONFIG: join(folder, '.docker'), HOME: folder, LC_ALL: 'C', TZ: 'UTC' };
  const child = spawn('timeout', ['-s', 'KILL', String(patience), 'sh', '-c', `${prelude}\n${line}`], {
    env,
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const out: Buffer[] = [];
  const err: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => err.push(chunk));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) =>
      resolve({ stdout: Buffer.concat(out).toString(), stderr: Buffer.concat(err).toString(), status: code ?? 137 }),
    );
  });
}

/** Plays a scenario from its first line to its last and clears away what it made; what was said is masked. */
export async function playScenario(host: string, steps: readonly Step[]): Promise<readonly Step[]> {
  mkdirSync(scenarioFolder, { recursive: true });
  const folder = mkdtempSync(join(scenarioFolder, 'x'));
  const mask = createMask(folder);
  const played: Step[] = [];
  try {
    for (const { above, line } of steps) played.push({ above, line, said: mask(await typeLine(host, folder, line)) });
  } finally {
    await clear(host, folder);
    rmSync(folder, { recursive: true, force: true });
  }
  return played;
}

/** What every scenario begins with. */
export const images = ['busybox', 'hello-world', 'nginx'];

/** Leaves an engine with nothing on it but the images. */
export async function clear(host: string, folder: string): Promise<void> {
  const run = (line: string): Promise<Said> => typeLine(host, folder, line);
  await run('docker rm -f -v $(docker ps -aq)');
  await run('docker network rm $(docker network ls -qf type=custom); docker volume rm $(docker volume ls -q)');
  const keep = images.map((image) => `-e '^${image}:latest$'`).join(' ');
  await run(
    `docker rmi -f $(docker images --format '{{.Repository}}:{{.Tag}}' | grep -v ${keep} | grep -v '<none>') $(docker images -qf dangling=true)`,
  );
  for (const image of images) await run(`docker image inspect ${image} >/dev/null 2>&1 || docker pull -q ${image}`);
}
