/** Names that JavaScript's objects inherit are names like any other on the command line, in what is sent, and in what is shown. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { docker, type FinishedSession } from '../../src/cli/testing/fake-session.ts';
import type { RecordedEngine } from '../../src/cli/testing/recorded-engine.ts';
import { cliEngine } from './engine.ts';

const names = ['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'valueOf', '__defineGetter__'];
const prototype = Object.getOwnPropertyNames(Object.prototype).sort();

let engine: RecordedEngine;
beforeEach(async () => {
  engine = await cliEngine();
});
afterEach(() => {
  expect(Object.getOwnPropertyNames(Object.prototype).sort()).toEqual(prototype);
});

async function run(...args: string[]): Promise<FinishedSession> {
  return docker(engine.handler, args, { env: { HOME: '/root' }, files: new Map([['names', names.map((name) => `${name}\n`).join('')]]) });
}

async function shown(...args: string[]): Promise<string> {
  const { status, stdout, stderr } = await run(...args);
  expect([status, stderr]).toEqual([0, '']);
  return stdout.trimEnd();
}

/** What the last create asked for, a JSON text in which no prototype can hide. */
function sent(): string {
  const text = JSON.stringify(engine.requests.findLast(({ target }) => target.includes('/containers/create'))?.body);
  return text;
}

test.each(names)('%s is a label, a variable, an annotation, an option, a host and the name of a container', async (name) => {
  const id = await shown(
    ...[
      'create',
      '--label',
      `${name}=of a label`,
      '-e',
      `${name}=of a variable`,
      '--annotation',
      `${name}=noted`,
      '-h',
      'h',
      '--add-host',
      `${name}:1.2.3.4`,
    ],
    ...[
      '--network',
      `name=bridge,driver-opt=${name}=opt`,
      '--tmpfs',
      `/${name}`,
      '--name',
      name === '__proto__' || name === '__defineGetter__' ? `x${name}` : name,
    ],
    'busybox',
  );
  for (const member of ['of a label', 'noted', 'opt'])
    expect(sent()).toContain(`"${member === 'opt' ? name.toLowerCase() : name}":"${member}"`);
  expect(sent()).toContain(`"/${name}":""`);
  expect(await shown('inspect', '-f', `{{index .Config.Labels "${name}"}} {{index .HostConfig.Annotations "${name}"}}`, id)).toBe(
    'of a label noted',
  );
  expect(await shown('inspect', '-f', `{{.Config.Labels.${name}}}{{.Config.Labels.nothing}}`, id)).toBe('of a label<no value>');
  expect(await shown('inspect', '-f', '{{json .Config.Labels}}', id)).toContain(`"${name}":"of a label"`);
  expect(await shown('inspect', id)).toContain(`"${name}": "of a label"`);
  expect(await shown('inspect', '-f', '{{.Config.Env}}', id)).toContain(`${name}=of a variable`);
  expect(await shown('ps', '-a', '--format', `{{.Label "${name}"}}`)).toBe('of a label');
  expect(await shown('ps', '-a', '--format', `table {{.Label "${name}"}}`)).toContain('of a label');
  expect(await shown('ps', '-a', '--format', '{{.Labels}}')).toContain(`${name}=of a label`);
  expect(await shown('ps', '-a', '--format', '{{json .}}')).toContain(`${name}=of a label`);
  expect(await shown('ps', '-aq', '--no-trunc', '-f', `label=${name}`)).toBe(id);
  expect(await shown('ps', '-aq', '--no-trunc', '-f', `label=${name}=of a label`)).toBe(id);
  expect(await shown('ps', '-aq', '-f', `label=${name}=other`)).toBe('');
  expect(await shown('rm', id)).toBe(id);
});

test.each(names)('%s is nothing until somebody names it so', async (name) => {
  const id = await shown('create', 'busybox');
  expect(
    await shown('inspect', '-f', `{{.Config.Labels.${name}}}|{{index .Config.Labels "${name}"}}|{{.NetworkSettings.Networks.${name}}}`, id),
  ).toBe('<no value>||<no value>');
  expect(await run('inspect', '-f', `{{.${name}}}`, id)).toMatchObject({
    status: 1,
    stderr: expect.stringContaining('template parsing error: template: :1:2: executing "" at <'),
  });
  expect(await shown('ps', '-a', '--format', `{{.Label "${name}"}}`)).toBe('');
  expect((await run('ps', '--format', `{{.${name}}}`)).stderr).toContain(
    `can't evaluate field ${name} in type *formatter.ContainerContext`,
  );
  expect((await run('ps', '--format', `{{${name} .}}`)).stderr).toContain(`function "${name}" not defined`);
  expect((await run('ps', '-f', `${name}=x`)).stderr).toBe(`Error response from daemon: invalid filter '${name.toLowerCase()}'\n`);
  for (const command of [
    ['inspect'],
    ['logs'],
    ['rm'],
    ['exec'],
    ['network', 'inspect'],
    ['image', 'inspect'],
    ['top'],
    ['port'],
    ['stop'],
  ]) {
    const { status, stderr } = await run(...command, name, ...(command[0] === 'exec' ? ['true'] : []));
    expect([status, stderr]).toEqual([1, expect.stringMatching(/No such|not found|invalid reference format/)]);
  }
  expect((await run(name)).stderr).toContain(`docker: unknown command: docker ${name}`);
  expect((await run('container', name)).stderr).toContain(`docker: unknown command: docker container ${name}`);
  expect((await run('help', name)).stderr).toContain(`unknown help topic: ${name}`);
  expect((await run('ps', `--${name}`)).stderr).toContain(`unknown flag: --${name}`);
  expect((await run('create', '--ulimit', `${name}=1`, 'busybox')).stderr).toContain(`invalid ulimit type: ${name}`);
  expect((await run('create', '--mount', `${name}=1`, 'busybox')).stderr).toContain(`unexpected key '${name.toLowerCase()}'`);
  expect((await run('create', '--network', `${name}=1`, 'busybox')).stderr).toContain(`invalid field key ${name.toLowerCase()}`);
  expect((await run('create', '-m', `1${name}`, 'busybox')).stderr).toContain('invalid suffix');
  expect((await run('run', '--stop-signal', name, 'busybox')).status).toBe(125);
  expect((await run('kill', '-s', name, id)).status).toBe(1);
  expect((await run('pull', `busybox@${name}:${'0'.repeat(32)}`)).stderr).toMatch(/unsupported digest algorithm|invalid reference format/);
});

test('variables of those names come from the caller only if they are there', async () => {
  await shown('create', '--env-file', 'names', ...names.flatMap((name) => ['-e', name]), 'busybox');
  expect(engine.requests.at(-1)?.body).toMatchObject({ Env: names });
  await shown('create', '--label-file', 'names', ...names.flatMap((name) => ['-l', name]), 'busybox');
  for (const name of names) expect(sent()).toContain(`"${name}":""`);
});

test('networks, volumes and ports of those names are asked for as they are', async () => {
  for (const name of names) {
    await run('create', '--network', name, '--network', `name=${name}2,alias=${name}`, 'busybox');
    expect(sent()).toContain(`"EndpointsConfig":{"${name}":{`);
    expect((await run('create', '--network', name, '--network', name, 'busybox')).stderr).toContain(
      `network "${name}" is specified multiple times`,
    );
    await run('create', '-v', name, '--expose', `80/${name}`, '--sysctl', `net.${name}=1`, '--log-opt', `${name}=1`, 'busybox');
    expect(sent()).toContain(`"Volumes":{"${name}":{}}`);
    expect(sent()).toContain(`"ExposedPorts":{"80/${name}":{}}`);
    expect(sent()).toContain(`"net.${name}":"1"`);
    expect(sent()).toContain(`"Config":{"${name}":"1"}`);
    await run('create', '--mount', `type=volume,dst=/a,volume-label=${name}=a,volume-opt=${name}=b`, 'busybox');
    expect(sent()).toContain(`"Labels":{"${name}":"a"}`);
    expect(sent()).toContain(`"Options":{"${name}":"b"}`);
  }
});
