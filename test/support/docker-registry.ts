import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface RunningRegistry {
  /** "localhost:40123" */
  readonly host: string;
  stop(): Promise<void>;
}

/** ann, with the password secret-12 (bcrypt). */
const accounts = 'ann:$2y$05$abcdefghijklmnopqrstuuk/8whANs0NpyApUy8R5L9YS7W9HfGni\n';

/** Debian's docker-registry on a free port of the loopback, with its contents in a folder of its own. @param asks for a name and a password */
export async function startDockerRegistry({ asks }: { readonly asks: boolean }): Promise<RunningRegistry> {
  const folder = await mkdtemp(join(tmpdir(), 'registry-'));
  const port = await freePort();
  const auth = asks ? `auth: {htpasswd: {realm: basic-realm, path: ${folder}/accounts}}\n` : '';
  await writeFile(`${folder}/accounts`, accounts);
  await writeFile(
    `${folder}/config.yml`,
    `version: 0.1\nlog: {level: error}\nstorage: {filesystem: {rootdirectory: ${folder}/data}}\nhttp: {addr: 127.0.0.1:${port}}\n${auth}`,
  );
  const server = spawn('docker-registry', ['serve', `${folder}/config.yml`], { stdio: 'ignore' });
  const over = new Promise<void>((resolve) => server.once('exit', () => resolve()));
  await untilItAnswers(port);
  return {
    host: `localhost:${port}`,
    async stop() {
      server.kill('SIGKILL');
      await over;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function untilItAnswers(port: number): Promise<void> {
  for (let left = 300; ; left -= 1)
    try {
      await (await fetch(`http://127.0.0.1:${port}/v2/`)).arrayBuffer();
      return;
    } catch (thrown) {
      if (left === 0) throw thrown;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}
