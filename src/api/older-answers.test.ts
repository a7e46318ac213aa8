import { expect, test } from 'vitest';
import { z } from 'zod';
import { testClient } from '../../test/conformance/client.ts';

const objects = z.array(z.record(z.string(), z.unknown()));
const object = z.record(z.string(), z.unknown());

test('a container of a list has annotations from 1.46 on', async () => {
  const { call, create } = testClient();
  await create({ HostConfig: { Annotations: { a: 'b' } } });
  const hostConfig = async (version: string): Promise<unknown> => {
    const [first] = objects.parse((await call('GET', `/v${version}/containers/json?all=1`)).json);
    return first?.['HostConfig'];
  };
  expect(await hostConfig('1.45')).toEqual({ NetworkMode: 'bridge' });
  expect(await hostConfig('1.46')).toEqual({ NetworkMode: 'bridge', Annotations: { a: 'b' } });
});

test.each([
  ['1.50', [], ['BridgeNfIptables', 'BridgeNfIp6tables']],
  ['1.49', ['BridgeNfIptables', 'BridgeNfIp6tables'], []],
])('info of %s has %j and not %j', async (version, has, hasNot) => {
  const { call } = testClient();
  const info = object.parse((await call('GET', `/v${version}/info`)).json);
  for (const name of has) expect(info).toHaveProperty(name, false);
  for (const name of hasNot) expect(info).not.toHaveProperty(name);
});

test('info tells the commit of runc twice below 1.49, and of artifacts below 1.47', async () => {
  const { call } = testClient();
  const info = async (version: string): Promise<unknown> => (await call('GET', `/v${version}/info`)).json;
  expect(await info('1.48')).toMatchObject({ RuncCommit: { ID: '', Expected: '' } });
  expect(await info('1.49')).not.toHaveProperty('RuncCommit.Expected');
  expect(await info('1.46')).toHaveProperty('RegistryConfig.AllowNondistributableArtifactsCIDRs', null);
  expect(await info('1.47')).not.toHaveProperty('RegistryConfig.AllowNondistributableArtifactsCIDRs');
});

test('an image has its size twice below 1.44, in lists, alone and on the disk', async () => {
  const { call } = testClient();
  await call('POST', '/images/create?fromImage=busybox&tag=latest');
  for (const [version, has] of [
    ['1.43', true],
    ['1.44', false],
  ] as const) {
    const [listed] = objects.parse((await call('GET', `/v${version}/images/json`)).json);
    const alone = object.parse((await call('GET', `/v${version}/images/busybox/json`)).json);
    const [onDisk] = objects.parse(object.parse((await call('GET', `/v${version}/system/df`)).json)['Images']);
    for (const image of [listed, alone, onDisk]) expect(image?.['VirtualSize']).toBe(has ? image?.['Size'] : undefined);
  }
});

test("an image's configuration has a container's members below 1.50, and stands there twice below 1.45", async () => {
  const { call } = testClient();
  await call('POST', '/images/create?fromImage=busybox&tag=latest');
  const image = async (version: string): Promise<unknown> => (await call('GET', `/v${version}/images/busybox/json`)).json;
  expect(await image('1.49')).toHaveProperty('Config.AttachStdin', false);
  expect(await image('1.50')).not.toHaveProperty('Config.AttachStdin');
  expect(await image('1.44')).toHaveProperty('ContainerConfig.Cmd', null);
  expect(await image('1.45')).not.toHaveProperty('ContainerConfig');
});
