import fc from 'fast-check';
import { expect, test } from 'vitest';
import { utf8 } from '../base/bytes.ts';
import { sourceOf } from '../base/streams.ts';
import { expectNearLinear, growingTexts } from '../base/testing/growth.ts';
import { createContainerSchema, execConfigSchema, updateContainerSchema, type CreateContainerBody } from '../protocol/engine-api.ts';
import { decodeJson } from '../protocol/json-body.ts';
import { readJson } from './request-body.ts';

const request = (text: string) => ({
  method: 'POST',
  target: '/',
  headers: { 'content-type': 'application/json' },
  body: sourceOf(utf8(text)),
  transport: 'unix' as const,
  signal: new AbortController().signal,
});
const create = (body: string): Promise<CreateContainerBody> => readJson(request(body), createContainerSchema);
const hostConfig = (members: string): Promise<CreateContainerBody> => create(`{"Image":"busybox","HostConfig":{${members}}}`);

// Each asked of Docker 28.5.
test.each([
  ['"Memory":9223372036854775808', 'number 9223372036854775808 into Go struct field .HostConfig.Memory of type int64'],
  ['"NanoCpus":1e30', 'number 1e30 into Go struct field .HostConfig.NanoCpus of type int64'],
  ['"Memory":1.5', 'number 1.5 into Go struct field .HostConfig.Memory of type int64'],
  ['"Memory":1e3', 'number 1e3 into Go struct field .HostConfig.Memory of type int64'],
  ['"Memory":"a"', 'string into Go struct field .HostConfig.Memory of type int64'],
  ['"Ulimits":[{"Soft":9223372036854775808}]', 'number 9223372036854775808 into Go struct field .HostConfig.Ulimits.0.Soft of type int64'],
  ['"OomScoreAdj":9223372036854775808', 'number 9223372036854775808 into Go struct field .HostConfig.OomScoreAdj of type int'],
  ['"BlkioWeight":70000', 'number 70000 into Go struct field .HostConfig.BlkioWeight of type uint16'],
  ['"LogConfig":{"Config":{"a":99999999999999999999}}', 'number into Go struct field .HostConfig.LogConfig.Config.a of type string'],
  ['"Tmpfs":["a"]', 'array into Go struct field .HostConfig.Tmpfs of type map[string]string'],
  ['"Privileged":"yes"', 'string into Go struct field .HostConfig.Privileged of type bool'],
  ['"Binds":"x"', 'string into Go struct field .HostConfig.Binds of type []string'],
  ['"PortBindings":{"80/tcp":5}', 'number into Go struct field .HostConfig.PortBindings.80~1tcp of type []nat.PortBinding'],
  ['"Mounts":5', 'number into Go struct field .HostConfig.Mounts of type []mount.Mount'],
])('a host configuration with %s is refused in the words of Go', async (members, words) => {
  await expect(hostConfig(members)).rejects.toMatchObject({ kind: 'invalid', message: `invalid JSON: json: cannot unmarshal ${words}` });
});

test.each([
  ['{"Image":5}', 'invalid JSON: json: cannot unmarshal number into Go struct field .Image of type string'],
  [
    '{"StopTimeout":9223372036854775808}',
    'invalid JSON: json: cannot unmarshal number 9223372036854775808 into Go struct field .StopTimeout of type int',
  ],
  [
    '{"Healthcheck":{"Interval":1e30}}',
    'invalid JSON: json: cannot unmarshal number 1e30 into Go struct field .Healthcheck.Interval of type time.Duration',
  ],
  ['{"HostConfig":5}', 'invalid JSON: json: cannot unmarshal number into Go struct field .HostConfig of type container.HostConfig'],
  ['{"Cmd":5}', 'invalid JSON: json: cannot unmarshal number into Go value of type string'],
  ['{"Labels":{"a":5}}', 'invalid JSON: json: cannot unmarshal number into Go struct field .Labels.a of type string'],
  ['[]', 'invalid JSON: json: cannot unmarshal array into Go value of type container.CreateRequest'],
  ['{"Image":"busybox"', 'invalid JSON: unexpected EOF'],
  ['['.repeat(200_000), 'invalid JSON: exceeded max depth'],
])('a body to create from %s is refused in the words of Go', async (body, message) => {
  await expect(create(body)).rejects.toMatchObject({ kind: 'invalid', message });
});

test('an update names its struct', async () => {
  await expect(readJson(request('{"Memory":9223372036854775808}'), updateContainerSchema, { goName: 'UpdateConfig' })).rejects.toThrow(
    'cannot unmarshal number 9223372036854775808 into Go struct field UpdateConfig.Memory of type int64',
  );
});

test('integers beyond 2^53 are kept digit by digit', async () => {
  expect((await hostConfig('"Memory":1152921504606846976')).HostConfig.Memory).toBe(2n ** 60n);
  expect((await hostConfig('"Memory":1152921504606847000')).HostConfig.Memory).toBe(1_152_921_504_606_847_000n);
  expect((await hostConfig('"Memory":9007199254740991,"ShmSize":0')).HostConfig.Memory).toBe(Number.MAX_SAFE_INTEGER);
  expect((await hostConfig('"Memory":9007199254740993')).HostConfig.Memory).toBe(9_007_199_254_740_993n);
  expect((await create('{"Env":["9223372036854775808","1e3"],"Labels":{"9223372036854775808":"9223372036854775808"}}')).Env).toEqual([
    '9223372036854775808',
    '1e3',
  ]);
});

test('what JavaScript decodes is what is decoded, numbers that it rounds aside', () => {
  fc.assert(
    fc.property(fc.json({ maxDepth: 4 }), (text) => {
      expect(JSON.stringify(decodeJson(text), (_, value: unknown) => restore(value))).toBe(JSON.stringify(JSON.parse(text)));
    }),
  );
  expect(decodeJson('{"a":1e3,"a":5,"b":1e3,"b":"x"}')).toEqual({ a: 5, b: 'x' });
});

function restore(value: unknown): unknown {
  return typeof value === 'object' &&
    value !== null &&
    'text' in value &&
    Object.keys(value).length === 1 &&
    /^-?\d/.test(String(value.text))
    ? Number(value.text)
    : value;
}

test('the steps for a body are in proportion to its length', async () => {
  const pieces = ['{"a":', '[', ']', '}', '"', '1e3', '12345678901234567890', ',', ':', '\\', '"b":1.5,', ' '];
  await expectNearLinear(growingTexts(pieces), (text, steps) => decodeJson(text, steps));
  await expectNearLinear(growingTexts(['1.5,', '12345678901234567890,', '"x",', '[1],', '{"a":2},']), (text, steps) =>
    decodeJson(`[${text}0]`, steps),
  );
});

test('names like those of a prototype are keys of maps like any other, and of structs none', async () => {
  const names = ['constructor', '__proto__', 'toString', 'hasOwnProperty'];
  const map = `{${names.map((name) => `"${name}":"v"`).join()}}`;
  const body = await create(
    `{"Labels":${map},"HostConfig":{"Sysctls":${map},"Annotations":${map},"StorageOpt":${map},"LogConfig":{"Config":${map}}}}`,
  );
  for (const record of [
    body.Labels,
    body.HostConfig.Sysctls,
    body.HostConfig.Annotations,
    body.HostConfig.StorageOpt,
    body.HostConfig.LogConfig.Config,
  ])
    expect(Object.entries(record ?? {})).toEqual(names.map((name) => [name, 'v']));
  const polluted = await create('{"HostConfig":{"__proto__":{"Privileged":true,"Memory":5},"constructor":{"Privileged":true}}}');
  expect(polluted.HostConfig.Privileged).toBe(false);
  expect(polluted.HostConfig.Memory).toBe(0);
  expect((await readJson(request('{"__proto__":{"Privileged":true}}'), execConfigSchema)).Privileged).toBe(false);
  expect(Object.getOwnPropertyNames(Object.prototype)).not.toContain('Privileged');
});
