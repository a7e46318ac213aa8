import { execFile } from 'node:child_process';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startEngine, type RunningEngine } from '../../../src/worker/node/engine.ts';
import { describeWith } from '../../support/tools.ts';

const run = promisify(execFile);

describeWith(['docker'], 'names on networks of the user’s, by the real docker client', () => {
  let engine: RunningEngine;
  beforeAll(async () => {
    const folder = await mkdtemp(join(tmpdir(), 'drydock-'));
    engine = await startEngine({ host: `unix://${folder}/engine.sock` });
    await docker('network', 'create', 'net');
    for (const [name, text] of [
      ['one', 'first'],
      ['two', 'second'],
    ] as const)
      await docker('run', '-d', '--name', name, '--network', 'net', '--network-alias', 'web', 'busybox', 'sh', '-c', serves(text));
    await docker('run', '-d', '--name', 'client', '--network', 'net', '--dns-search', 'net', 'busybox', 'sleep', '1000');
  });
  afterAll(() => engine.stop());

  const serves = (text: string): string => `mkdir /www; echo ${text} > /www/index.html; exec httpd -f -p 80 -h /www`;
  async function docker(...args: readonly string[]): Promise<string> {
    const env = { ...process.env, DOCKER_HOST: engine.address, DOCKER_CONFIG: '/nonexistent' };
    return (await run('docker', args, { env })).stdout;
  }
  const inClient = (script: string): Promise<string> => docker('exec', 'client', 'sh', '-c', `${script} 2>&1 || true`);

  test('servers are reached by name, alias and short ID, the servers of one alias in turn', async () => {
    const id = (await docker('inspect', '-f', '{{.Id}}', 'one')).slice(0, 12);
    await expect.poll(() => inClient('wget -qO- http://one'), { timeout: 60_000 }).toBe('first\n');
    await expect.poll(() => inClient('wget -qO- http://two'), { timeout: 60_000 }).toBe('second\n');
    expect(await inClient(`wget -qO- http://${id}; wget -qO- http://TWO.net`)).toBe('first\nsecond\n');
    const answers = (await inClient('for i in 1 2 3 4; do wget -qO- http://web; done')).split('\n');
    expect(answers.filter((answer) => answer === 'first').length).toBe(2);
    expect(await inClient('ping -c 1 two')).toContain(' 0% packet loss');
  });

  test('nslookup and a program of glibc see names, pointers, search domains and what is not there', async () => {
    const address = (await docker('inspect', '-f', '{{.NetworkSettings.Networks.net.IPAddress}}', 'one')).trim();
    expect(await inClient('nslookup one')).toMatch(
      new RegExp(`Server:\\s+127\\.0\\.0\\.11[^]*Name:\\s+one\\.net\\s+Address[ 1]*: ${address.replaceAll('.', '\\.')}`),
    );
    expect(await inClient(`nslookup ${address}`)).toContain('one.net');
    expect(await inClient('nslookup nosuch.example')).toMatch(/SERVFAIL|can't resolve|can't find/);
    expect(await inClient('wget -qO- http://nosuch')).toContain("bad address 'nosuch'");
    const python =
      'import socket as s\nprint(s.gethostbyname_ex("web")[2].__len__())\ntry: s.getaddrinfo("nosuch", 80)\nexcept OSError as e: print(e)';
    expect(await docker('run', '--rm', '--network', 'net', 'python:3.11-slim', 'python3', '-c', python)).toBe(
      '2\n[Errno -2] Name or service not known\n',
    );
  });

  test('a container that moves, is renamed or goes is answered so at once, also by TCP; its own port 53 is free', async () => {
    await docker('run', '-d', '--name', 'late', 'busybox', 'sleep', '1000');
    expect(await inClient('nslookup late')).not.toContain('Name:');
    await docker('network', 'connect', '--alias', 'later', 'net', 'late');
    expect(await inClient('nslookup later')).toContain('Name:');
    expect(await docker('exec', 'late', 'nslookup', 'one')).toContain('127.0.0.11');
    await docker('rename', 'late', 'lately');
    expect(await inClient('nslookup lately.net')).toContain('Name:');
    await docker('rm', '-f', 'lately');
    expect(await inClient('nslookup later')).not.toContain('Name:');
    await docker('exec', '-d', 'client', 'sh', '-c', 'nc -ll -p 53 -e echo own');
    await expect.poll(() => inClient('nc 127.0.0.1 53 </dev/null'), { timeout: 60_000 }).toBe('own\n');
    const query = String.raw`\0\031\0\1\1\0\0\1\0\0\0\0\0\0\3one\3net\0\0\1\0\1`;
    const answer = await inClient(`printf '${query}' | nc 127.0.0.11 53 | od -An -tx1 | tr -d ' \\n'`);
    expect(answer).toMatch(/^00300001818000010001[^]*ac1200..$/);
  });

  test('a link of the default bridge gives variables and a name', async () => {
    await docker('run', '-d', '--name', 'old', '--expose', '80', '-e', 'KEY=value', 'busybox', 'sh', '-c', serves('linked'));
    const linked = (script: string) => docker('run', '--rm', '--link', 'old:db', 'busybox', 'sh', '-c', script);
    await expect.poll(() => linked('wget -qO- http://db || true'), { timeout: 60_000 }).toBe('linked\n');
    expect(await linked('echo $DB_PORT_80_TCP_PORT $DB_ENV_KEY')).toBe('80 value\n');
  });

  test('resolv.conf and hosts say what a real engine says', async () => {
    expect(await docker('exec', 'client', 'cat', '/etc/resolv.conf')).toContain(
      "nameserver 127.0.0.11\nsearch net\noptions ndots:0\n\n# Based on host file: '/etc/resolv.conf' (internal resolver)\n",
    );
    expect(await docker('run', '--rm', '--add-host', 'host:host-gateway', '--network', 'net', 'busybox', 'cat', '/etc/hosts')).toContain(
      '\n172.17.0.1\thost\n',
    );
  });
});
