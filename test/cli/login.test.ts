import { expect, it } from 'vitest';
import { docker, FakeSession } from '../../src/cli/testing/fake-session.ts';
import { cliEngine } from './engine.ts';

const host = 'dockerhub.myprivateregistry.com';
const config = '/root/.docker/config.json';

it('docker login keeps what the registry took, push and pull use it, and logout forgets it', async () => {
  const { handler } = await cliEngine();
  const files = new Map<string, string>();
  const run = (line: string, stdin?: string) => docker(handler, line.split(' '), { files, ...(stdin === undefined ? {} : { stdin }) });
  expect(await run(`login -u ann --password-stdin ${host}`, 'secret-12\n')).toEqual({
    status: 0,
    stdout: 'Login Succeeded\n',
    stderr: `\nWARNING! Your credentials are stored unencrypted in '${config}'.\nConfigure a credential helper to remove this warning. See\nhttps://docs.docker.com/go/credential-store/\n\n`,
  });
  expect(files.get(config)).toBe(`{\n\t"auths": {\n\t\t"${host}": {\n\t\t\t"auth": "YW5uOnNlY3JldC0xMg=="\n\t\t}\n\t}\n}`);
  expect((await run(`login ${host}`, '')).stderr).toContain('Authenticating with existing credentials... [Username: ann]');

  const name = `${host}/team/app`;
  await run(`tag busybox ${name}:1`);
  await run(`tag busybox ${name}:2`);
  const pushed = await run(`push -a ${name}`);
  expect([pushed.status, pushed.stdout]).toEqual([0, expect.stringMatching(/: Pushed\n1: digest: sha256:\w+ size: \d+\n[^]*2: digest: /)]);
  expect(await run(`push -q ${name}:1`)).toEqual({ status: 0, stdout: `${name}:1\n`, stderr: '' });
  const digest = /1: digest: (\S+)/.exec(pushed.stdout)?.[1];
  await run(`rmi ${name}:1 ${name}:2 busybox`);
  expect((await run(`pull ${name}@${digest}`)).stdout).toContain(
    `Digest: ${digest}\nStatus: Downloaded newer image for ${name}@${digest}\n`,
  );

  expect((await run(`logout ${host}`)).stdout).toBe(`Removing login credentials for ${host}\n`);
  expect(files.get(config)).toBe('{\n\t"auths": {}\n}');
  expect(await run(`push -q ${name}@${digest}`)).toMatchObject({ status: 1, stderr: 'cannot push a digest reference\n' });
  expect((await run(`pull ${name}:2`)).stderr).toContain('no basic auth credentials');
});

it('docker login asks for a name and, without showing it, a password; the hub says that it is not Docker Hub', async () => {
  const { handler } = await cliEngine();
  const session = new FakeSession({ engine: handler, args: ['login'], terminal: { rows: 24, columns: 80 } });
  await session.printed('Username: ');
  await session.type('ann\r');
  await session.printed('Password: ');
  await session.type('secret-13\u007f2\r');
  const { status, stdout } = await session.finished;
  expect(status).toBe(0);
  expect(stdout).toContain('not to Docker Hub');
  expect(stdout).toContain('Login Succeeded\n');
  expect(stdout).not.toContain('secret');
  expect(session.rawModes).toEqual([true, false]);
  const { auths } = JSON.parse(session.files.get(config) ?? '{}') as { readonly auths: object };
  expect(Object.keys(auths)).toEqual(['https://index.docker.io/v1/']);
});

it('Ctrl-C at the password ends docker login, and the terminal is as it was', async () => {
  const { handler } = await cliEngine();
  const session = new FakeSession({ engine: handler, args: ['login', '-u', 'ann', host], terminal: { rows: 24, columns: 80 } });
  await session.printed('Password: ');
  await session.type('\u0003');
  expect((await session.finished).status).toBe(130);
  expect([session.rawModes, session.files.size]).toEqual([[true, false], 0]);
});

it('credentials that a registry does not take are not kept', async () => {
  const { handler } = await cliEngine();
  const files = new Map<string, string>();
  await docker(handler, ['login', '-u', 'ann', '-p', 'secret-12', host]);
  const result = await docker(handler, ['login', '-u', 'ann', '--password-stdin', host], { files, stdin: 'wrong-word' });
  expect(result.status).toBe(1);
  expect(result.stderr).toContain(`Error response from daemon: login attempt to https://${host}/v2/ failed with status: 401 Unauthorized`);
  expect(files.size).toBe(0);
});
