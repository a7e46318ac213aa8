/** Every integer of a body to create: it comes back digit by digit, or is refused as Docker 28.5 refuses it (each field asked of it, all five values). */
import { readFileSync } from 'node:fs';
import { load } from 'js-yaml';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { docker } from '../../src/cli/testing/fake-session.ts';
import { isObject, parseJson, type Json } from '../../src/cli/json.ts';
import { toRecord } from '../../src/base/record.ts';
import { testClient } from './client.ts';

interface Field {
  /** Go's. */
  readonly type: 'int' | 'int64' | 'uint' | 'uint64' | 'time.Duration' | 'uint16' | 'fs.FileMode';
  /** Words for whatever fits the type; `below` for what is negative. `N` is the number. */
  readonly refused?: string;
  readonly below?: string;
  /** Not there afterwards, and a warning says so: Docker without the controller, or on Linux. */
  readonly discarded?: 'above 0' | 'any';
}

const realtime: Field = { type: 'int64', refused: 'kernel does not support CPU real-time scheduler' };
const duration = (name: string): Field => ({ type: 'time.Duration', below: `${name} in Healthcheck cannot be less than 1ms` });
const period = 'CPU cfs period can not be less than 1ms (i.e. 1000) or larger than 1s (i.e. 1000000)';

const fields: Readonly<Record<string, Field>> = {
  StopTimeout: { type: 'int' },
  'Healthcheck.Interval': duration('Interval'),
  'Healthcheck.Timeout': duration('Timeout'),
  'Healthcheck.StartPeriod': duration('StartPeriod'),
  'Healthcheck.StartInterval': duration('StartInterval'),
  'Healthcheck.Retries': { type: 'int', below: 'Retries in Healthcheck cannot be negative' },
  'HostConfig.CpuShares': { type: 'int64' },
  'HostConfig.Memory': { type: 'int64', below: 'Minimum memory limit allowed is 6MB' },
  'HostConfig.NanoCpus': { type: 'int64', refused: 'range of CPUs is from 0.01 to 1.00, as there are only 1 CPUs available' },
  'HostConfig.CpuPeriod': { type: 'int64', refused: period },
  'HostConfig.CpuQuota': { type: 'int64' },
  'HostConfig.CpuRealtimePeriod': realtime,
  'HostConfig.CpuRealtimeRuntime': realtime,
  'HostConfig.MemoryReservation': { type: 'int64' },
  'HostConfig.MemorySwap': { type: 'int64' },
  'HostConfig.MemorySwappiness': { type: 'int64', discarded: 'any' },
  'HostConfig.PidsLimit': { type: 'int64' },
  'HostConfig.CpuCount': { type: 'int64' },
  'HostConfig.CpuPercent': { type: 'int64', discarded: 'above 0' },
  'HostConfig.IOMaximumIOps': { type: 'uint64', refused: 'invalid option: QoS maximum IOPs configuration is not supported on linux' },
  'HostConfig.IOMaximumBandwidth': {
    type: 'uint64',
    refused: 'invalid option: QoS maximum bandwidth configuration is not supported on linux',
  },
  'HostConfig.ShmSize': { type: 'int64', below: 'SHM size can not be less than 0' },
  'HostConfig.OomScoreAdj': { type: 'int', refused: 'Invalid value N, range for oom score adj is [-1000, 1000]' },
  'HostConfig.BlkioWeight': { type: 'uint16' },
  'HostConfig.RestartPolicy.MaximumRetryCount': {
    type: 'int',
    below: 'invalid restart policy: maximum retry count cannot be negative',
  },
  'HostConfig.ConsoleSize.0': { type: 'uint' },
  'HostConfig.ConsoleSize.1': { type: 'uint' },
  'HostConfig.Ulimits.0.Soft': { type: 'int64' },
  'HostConfig.Ulimits.0.Hard': { type: 'int64' },
  'HostConfig.DeviceRequests.0.Count': { type: 'int' },
  'HostConfig.Mounts.0.TmpfsOptions.SizeBytes': { type: 'int64' },
  'HostConfig.Mounts.0.TmpfsOptions.Mode': { type: 'fs.FileMode' },
  'HostConfig.BlkioDeviceReadBps.0.Rate': { type: 'uint64' },
  'HostConfig.BlkioDeviceWriteBps.0.Rate': { type: 'uint64' },
  'HostConfig.BlkioDeviceReadIOps.0.Rate': { type: 'uint64' },
  'HostConfig.BlkioDeviceWriteIOps.0.Rate': { type: 'uint64' },
  'HostConfig.BlkioWeightDevice.0.Weight': { type: 'uint16' },
  'NetworkingConfig.EndpointsConfig.bridge.GwPriority': { type: 'int' },
  'NetworkingConfig.EndpointsConfig.bridge.IPPrefixLen': { type: 'int' },
  'NetworkingConfig.EndpointsConfig.bridge.GlobalIPv6PrefixLen': { type: 'int' },
};

test.each(Object.entries(fields))('%s beyond 2^53 is kept as it is, or refused in Docker’s words', async (name, field) => {
  const { call } = testClient();
  await call('POST', '/images/create?fromImage=busybox&tag=latest');
  for (const number of [2n ** 53n + 1n, 2n ** 63n - 1n, -(2n ** 53n) - 1n, 2n ** 63n, 2n ** 64n]) {
    const { json, status } = await call('POST', '/containers/create', bodyWith(name, number));
    const message = status === 201 ? '' : z.object({ message: z.string() }).parse(json).message;
    expect(message).toBe(refusal(name, field, number));
    if (status !== 201) continue;
    const created = z.object({ Id: z.string(), Warnings: z.array(z.string()) }).parse(json);
    const inspected = await call('GET', `/containers/${created.Id}/json`);
    const shown = name.replace('NetworkingConfig.EndpointsConfig', 'NetworkSettings.Networks').replace(/^(Stop|Health)/, 'Config.$1');
    const found = valueAt(parseJson(inspected.text), shown.split('.'));
    if (field.discarded === 'any' || (field.discarded === 'above 0' && number > 0n)) {
      expect(found ?? 0).toBe(0);
      expect(created.Warnings.join()).toMatch(/discarded/);
    } else expect(found).toBe(kept(name, number));
  }
});

function refusal(name: string, { type, refused, below }: Field, number: bigint): string {
  const least = type.startsWith('u') || type === 'fs.FileMode' ? 0n : -(2n ** 63n);
  const most = type === 'uint16' || type === 'fs.FileMode' ? 65_535n : type.startsWith('u') ? 2n ** 64n - 1n : 2n ** 63n - 1n;
  if (number < least || number > most) {
    const into = /\.ConsoleSize\./.test(name) ? '' : 'Go struct field ';
    return `invalid JSON: json: cannot unmarshal number ${number} into ${into}.${name} of type ${type}`;
  }
  return ((number < 0n ? below : undefined) ?? refused ?? '').replace('N', String(number));
}

/** No limit of processes is none, whatever negative number says so. */
function kept(name: string, number: bigint): bigint | null {
  return name === 'HostConfig.PidsLimit' && number < 0n ? null : number;
}

/** Least of what the field needs around it. */
function bodyWith(name: string, number: bigint): unknown {
  const [low, high] = number < 0n ? [number, -1n] : [0, 2n ** 63n - 1n];
  return withValue(
    {
      Image: 'busybox',
      Cmd: ['true'],
      Healthcheck: { Test: ['CMD', 'true'] },
      HostConfig: {
        ...(name.includes('Ulimits') ? { Ulimits: [{ Name: 'nofile', Soft: low, Hard: high }] } : {}),
        ...(name.includes('MaximumRetryCount') ? { RestartPolicy: { Name: 'on-failure' } } : {}),
        ...(name.includes('Mounts') ? { Mounts: [{ Type: 'tmpfs', Target: '/t', TmpfsOptions: {} }] } : {}),
        ...(name.includes('MemorySwap') && !name.includes('Swappiness') ? { Memory: 6 * 1024 * 1024 } : {}),
      },
    },
    name.split('.'),
    number,
  );
}

function withValue(holder: unknown, [name, ...rest]: readonly string[], number: bigint): unknown {
  if (name === undefined) return number;
  if (/^\d$/.test(name)) {
    const list: unknown[] = Array.isArray(holder) ? [...holder] : name === '1' ? [0, 0] : [];
    list[Number(name)] = withValue(list[Number(name)], rest, number);
    return list;
  }
  const entries = typeof holder === 'object' && holder !== null ? Object.entries(holder) : [];
  return toRecord([...entries, [name, withValue(entries.find(([key]) => key === name)?.[1], rest, number)]]);
}

function valueAt(value: Json, [name, ...rest]: readonly string[]): Json | undefined {
  if (name === undefined) return value;
  if (Array.isArray(value)) return valueAt(value[Number(name)] ?? null, rest);
  return isObject(value) ? valueAt(value[name] ?? null, rest) : undefined;
}

test('an update keeps the digits too, and a template prints them', async () => {
  const client = testClient();
  const id = await client.create({ HostConfig: { ShmSize: 2n ** 53n + 1n } });
  const policy = { Name: 'on-failure', MaximumRetryCount: 2n ** 53n + 1n };
  await client.call('POST', `/containers/${id}/update`, { RestartPolicy: policy });
  const format = '{{.HostConfig.ShmSize}} {{json .HostConfig.RestartPolicy}}';
  expect((await docker(client.api, ['inspect', '-f', format, id])).stdout).toBe(
    '9007199254740993 {"Name":"on-failure","MaximumRetryCount":9007199254740993}\n',
  );
  expect((await docker(client.api, ['inspect', id])).stdout).toContain('"ShmSize": 9007199254740993,');
});

test.each([
  ['9007199254740993', ''],
  ['-9223372036854775808', ''],
  ['+00000000000000000000009223372036854775807', ''],
  ['9223372036854775808', 'value out of range'],
  ['-99999999999999999999', 'value out of range'],
  ['1e3', 'invalid syntax'],
])('a number %s of a query is read as Go reads it', async (number, why) => {
  const { status, json } = await testClient().call('GET', `/containers/json?limit=${encodeURIComponent(number)}`);
  expect([status, json]).toEqual(why === '' ? [200, []] : [500, { message: `strconv.Atoi: parsing "${number}": ${why}` }]);
});

test('what a client claims of its place on a network is shown until the first start', async () => {
  const { create, call } = testClient();
  const claim = { IPPrefixLen: 7, Gateway: '1.2.3.4', IPAddress: '1.2.3.5', GlobalIPv6PrefixLen: 9, DNSNames: ['q'], NetworkID: 'abc' };
  const id = await create({ NetworkingConfig: { EndpointsConfig: { bridge: claim } } });
  const shown = { NetworkSettings: { Networks: { bridge: claim }, IPPrefixLen: 7, Gateway: '1.2.3.4', GlobalIPv6PrefixLen: 9 } };
  expect((await call('GET', `/containers/${id}/json`)).json).toMatchObject(shown);
  await call('POST', `/containers/${id}/start`);
  expect((await call('GET', `/containers/${id}/json`)).json).toMatchObject({
    NetworkSettings: { Networks: { bridge: { IPPrefixLen: 16, IPAddress: '172.17.0.2', GlobalIPv6PrefixLen: 0 } }, Gateway: '172.17.0.1' },
  });
});

describe('the fields', () => {
  test('are all that the reference of the API calls an integer', () => {
    const { definitions } = z
      .object({ definitions: z.record(z.string(), z.unknown()) })
      .parse(load(readFileSync(new URL('engine-api-v1.50.yaml', import.meta.url), 'utf8')));
    const found = new Set<string>();
    const walk = (node: unknown, path: string): void => {
      const { $ref, type, properties, allOf, items, additionalProperties } = nodeSchema.parse(node);
      if ($ref !== undefined) walk(definitions[$ref.replace('#/definitions/', '')], path);
      if (type === 'integer') found.add(path.slice(1));
      for (const [name, inner] of Object.entries(properties ?? {})) walk(inner, `${path}.${name}`);
      for (const inner of allOf ?? []) walk(inner, path);
      if (items !== undefined) walk(items, `${path}.0`);
      if (additionalProperties !== undefined) walk(additionalProperties, `${path}.bridge`);
    };
    for (const [name, prefix] of [
      ['ContainerConfig', ''],
      ['HostConfig', '.HostConfig'],
      ['NetworkingConfig', '.NetworkingConfig'],
    ])
      walk({ $ref: `#/definitions/${name}` }, prefix ?? '');
    // The second of a pair is in the file the same as the first; Docker 28.5 ignores the memory of the kernel.
    const known = new Set([...Object.keys(fields), 'HostConfig.KernelMemoryTCP']);
    expect([...found].filter((name) => !known.has(name))).toEqual([]);
    expect(found.size).toBeGreaterThan(35);
  });
});

const nodeSchema = z.looseObject({
  $ref: z.string().optional(),
  type: z.string().optional(),
  properties: z.record(z.string(), z.unknown()).optional(),
  allOf: z.array(z.unknown()).optional(),
  items: z.unknown().optional(),
  additionalProperties: z.unknown().optional(),
});
