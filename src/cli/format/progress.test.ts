import { describe, expect, it } from 'vitest';
import type { HttpHandler } from '../../protocol/http.ts';
import { docker } from '../testing/fake-session.ts';
import { answering } from '../testing/recorded-engine.ts';

const layer = { id: '8b3b1b5b6c1e' };
const messages = [
  { status: 'Pulling from library/nginx', id: 'latest' },
  { status: 'Pulling fs layer', progressDetail: {}, ...layer },
  { status: 'Downloading', progressDetail: { current: 1_048_576, total: 4_194_304 }, progress: '[===>   ]', ...layer },
  { status: 'Download complete', progressDetail: {}, ...layer },
  { status: 'Extracting', progressDetail: { current: 4_194_304, total: 4_194_304 }, progress: '[=====>]', ...layer },
  { status: 'Pull complete', progressDetail: {}, ...layer },
  { status: `Digest: sha256:${'d'.repeat(64)}` },
  { status: 'Status: Downloaded newer image for nginx:latest' },
];
const engine: HttpHandler = answering({ 'POST /images/create': messages.map((message) => `${JSON.stringify(message)}\r\n`).join('') });

describe('pull progress', () => {
  it('redraws the line of a layer on a terminal, byte for byte as docker 28.2.2 does', async () => {
    const { stdout } = await docker(engine, ['pull', 'nginx'], { terminal: { rows: 40, columns: 100 } });
    expect(stdout).toBe(
      'Using default tag: latest\nlatest: Pulling from library/nginx\n' +
        '\n\x1b[1A\x1b[2K\r8b3b1b5b6c1e: Pulling fs layer \r\x1b[1B' +
        '\x1b[1A\x1b[2K\r8b3b1b5b6c1e: Downloading  1.049MB/4.194MB\r\x1b[1B' +
        '\x1b[1A\x1b[2K\r8b3b1b5b6c1e: Download complete \r\x1b[1B' +
        '\x1b[1A\x1b[2K\r8b3b1b5b6c1e: Extracting  4.194MB/4.194MB\r\x1b[1B' +
        '\x1b[1A\x1b[2K\r8b3b1b5b6c1e: Pull complete \r\x1b[1B' +
        `Digest: sha256:${'d'.repeat(64)}\nStatus: Downloaded newer image for nginx:latest\ndocker.io/library/nginx:latest\n`,
    );
  });

  it('has a bar where there is room for it', async () => {
    const { stdout } = await docker(engine, ['pull', 'nginx'], { terminal: { rows: 40, columns: 120 } });
    expect(stdout).toContain(`Downloading [${'='.repeat(12)}>${' '.repeat(38)}]  1.049MB/4.194MB\r`);
  });

  it('says only what has no progress elsewhere', async () => {
    const { stdout } = await docker(engine, ['pull', 'nginx']);
    expect(stdout).not.toContain('\x1b');
    expect(stdout).not.toContain('Downloading');
    expect(stdout).toContain('8b3b1b5b6c1e: Pull complete\n');
  });

  it('fails with what went wrong on the way', async () => {
    const failing = answering({
      'POST /images/create': '{"status":"Downloading"}\n{"errorDetail":{"message":"disk full"},"error":"disk full"}\n',
    });
    expect(await docker(failing, ['pull', '-q', 'nginx'])).toEqual({ status: 1, stdout: '', stderr: 'disk full\n' });
  });
});
