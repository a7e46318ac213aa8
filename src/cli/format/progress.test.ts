import { describe, expect, it } from 'vitest';
import { FakeEngine } from '../testing/fake-engine.ts';
import { docker } from '../testing/fake-session.ts';

const engine = (): FakeEngine => new FakeEngine({ images: [], registry: ['nginx:latest'] });

describe('pull progress', () => {
  it('redraws the line of a layer on a terminal, byte for byte as docker 28.2.2 does', async () => {
    const { stdout } = await docker(engine().handler, ['pull', 'nginx'], { terminal: { rows: 40, columns: 100 } });
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
    const { stdout } = await docker(engine().handler, ['pull', 'nginx'], { terminal: { rows: 40, columns: 120 } });
    expect(stdout).toContain(`Downloading [${'='.repeat(12)}>${' '.repeat(38)}]  1.049MB/4.194MB\r`);
  });

  it('says only what has no progress elsewhere', async () => {
    const { stdout } = await docker(engine().handler, ['pull', 'nginx']);
    expect(stdout).not.toContain('\x1b');
    expect(stdout).not.toContain('Downloading');
    expect(stdout).toContain('8b3b1b5b6c1e: Pull complete\n');
  });

  it('fails with what went wrong on the way', async () => {
    const failing = new FakeEngine({
      answers: { 'POST /images/create': '{"status":"Downloading"}\n{"errorDetail":{"message":"disk full"},"error":"disk full"}\n' },
    });
    expect(await docker(failing.handler, ['pull', '-q', 'nginx'])).toEqual({ status: 1, stdout: '', stderr: 'disk full\n' });
  });
});
