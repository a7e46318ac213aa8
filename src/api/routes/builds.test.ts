import { expect, test } from 'vitest';
import { testClient } from '../../../test/conformance/client.ts';

const text = (message: string) => ({ message });

test.each([
  ['version=3', 400, 'invalid version "3"'],
  ['buildargs=x', 400, "error reading build args: invalid character 'x' looking for beginning of value"],
  ['buildargs=[]', 400, 'error reading build args: json: cannot unmarshal array into Go value of type map[string]*string'],
  ['labels=x', 400, "error reading labels: invalid character 'x' looking for beginning of value"],
  ['labels=1', 400, 'error reading labels: json: cannot unmarshal number into Go value of type map[string]string'],
  ['labels={"a":1}', 400, 'error reading labels: json: cannot unmarshal number into Go struct field .a of type string'],
  ['ulimits={}', 400, 'error reading ulimit settings: json: cannot unmarshal object into Go value of type []*units.Ulimit'],
  ['ulimits=x', 400, "error reading ulimit settings: invalid character 'x' looking for beginning of value"],
  ['version=2&outputs={}', 400, 'error reading outputs: json: cannot unmarshal object into Go value of type []backend.BuildOutput'],
  ['version=2&outputs=[1]', 400, 'error reading outputs: json: cannot unmarshal number into Go value of type backend.BuildOutput'],
  ['version=2&outputs=[{"Type":"x"}]', 400, 'exporter "x" could not be found'],
  [`version=2&outputs=[${Array.from({ length: 33 }).fill('{"Type":"tar"}').join()}]`, 400, 'error reading outputs: more than 32 outputs'],
  ['t=A', 400, 'invalid reference format: repository name (library/A) must be lowercase'],
  [`t=a@sha256:${'a'.repeat(64)}`, 400, 'build tag cannot contain a digest'],
  ['version=2&remote=client-session', 501, "BuildKit's sessions are not part of this playground yet"],
])('POST /build?%s is refused with %i before the context is read', async (query, status, message) => {
  const answer = await testClient().call('POST', `/build?${query}`);
  expect([answer.status, answer.json]).toEqual([status, text(message)]);
});

test('a context at an address is refused, for the engine has no network', async () => {
  const { status, json } = await testClient().call('POST', '/build?remote=https://www.example.org/x.git');
  expect(status).toBe(503);
  expect(json).toMatchObject({ message: expect.stringContaining('unable to download remote context https://www.example.org/x.git') });
});

test.each([
  ['{"bad":["x"]}', "failed to prune build cache: invalid filter 'bad'"],
  ['{"until":["24h","2h"]}', 'failed to prune build cache: filters expect only one value'],
  ['{"id":["a","b"]}', 'failed to prune build cache: filters expect only one value'],
  ['{"until":["24h"],"unused-for":["24h"]}', 'failed to prune build cache: conflicting filters: "until" and "unused-for"'],
])('the cache is not pruned by filters %s', async (filters, message) => {
  const answer = await testClient().call('POST', `/build/prune?filters=${encodeURIComponent(filters)}`);
  expect([answer.status, answer.json]).toEqual([400, text(message)]);
});

test.each([
  ['/v1.51/build/prune?keep-storage=x', 400],
  ['/v1.51/build/prune?reserved-space=x', 400],
  ['/v1.47/build/prune?reserved-space=x', 200],
])('%s is answered with %i', async (target, status) => {
  expect((await testClient().call('POST', target)).status).toBe(status);
});

test('an empty cache gives nothing back', async () => {
  const { status, json } = await testClient().call('POST', '/build/prune?all=1');
  expect([status, json]).toEqual([200, { CachesDeleted: null, SpaceReclaimed: 0 }]);
});
