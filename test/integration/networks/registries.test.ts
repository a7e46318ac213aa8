import { afterAll, beforeAll, expect, test } from 'vitest';
import { createNodePlayground } from '../../../src/worker/node/playground.ts';
import { directWay } from '../../../src/worker/node/outside/direct.ts';
import type { LocalPlayground } from '../../../src/worker/playground.ts';
import { runLines } from '../../support/run-lines.ts';

let playground: LocalPlayground;

beforeAll(async () => {
  playground = await createNodePlayground({ outside: [directWay({ allowed: [] })] });
});
afterAll(() => playground.dispose());

const run = runLines(() => playground);
const curl = 'curl -s -w "%{http_code}" -o /dev/null http://dockerhub.myprivateregistry.com/v2/';

test('the private registry of the app answers a container and the host by its name, and wants an account', async () => {
  await run('docker pull -q busybox');
  expect(await run(curl)).toBe('401');
  expect(await run('docker run --rm busybox wget -qO- http://dockerhub.myprivateregistry.com/v2/ 2>&1; true')).toContain(
    '401 Unauthorized',
  );
  expect(await run(curl.replace('-s', '-s -u me:short'))).toBe('401');
  expect(await run(curl.replace('-s', '-s -u me:password'))).toBe('200');
  expect(await run(curl.replace('-s', '-s -u me:passwort'))).toBe('401');
});

test('what curl pushed, in pieces, comes back with a checkpoint, its account too', async () => {
  const pushed = await run(
    [
      'u=http://dockerhub.myprivateregistry.com a=me:password',
      'printf "hello registry" >/tmp/blob; d=sha256:$(sha256sum /tmp/blob | cut -d" " -f1)',
      'l=$(curl -s -i -u $a -X POST $u/v2/app/blobs/uploads/ | tr -d "\\r" | sed -n "s/^Location: //p")',
      'head -c 5 /tmp/blob | curl -s -o /dev/null -w "%{http_code} " -u $a -X PATCH -H "Content-Range: 0-4" --data-binary @- $u$l',
      'tail -c +6 /tmp/blob | curl -s -o /dev/null -w "%{http_code} " -u $a -X PATCH -H "Content-Range: 9-17" --data-binary @- $u$l',
      'tail -c +6 /tmp/blob | curl -s -o /dev/null -w "%{http_code} " -u $a -X PUT --data-binary @- $u$l?digest=$d',
      'curl -s -u $a -r 6- $u/v2/app/blobs/$d; echo; echo $u/v2/app/blobs/$d',
    ].join('; '),
  );
  expect(pushed).toMatch(/^202 416 201 registry\n/);
  const address = pushed.trim().split('\n').at(-1) ?? '';
  const checkpoint = await playground.lifecycle.checkpoint();
  expect(await run(`curl -s -o /dev/null -w "%{http_code}" -u me:password -X DELETE ${address}`)).toBe('202');
  expect(await run(`curl -s -o /dev/null -w "%{http_code}" -u me:password ${address}`)).toBe('404');
  await playground.lifecycle.restore({ state: checkpoint.state, engine: JSON.parse(JSON.stringify(checkpoint.engine)) });
  expect(await run(`curl -s -u me:password ${address}`)).toBe('hello registry');
  checkpoint.dispose();
  await playground.lifecycle.reset();
  expect(await run(`${curl.replace('-s', '-s -u me:a-new-password')}`)).toBe('200');
  expect(await run(`curl -s -o /dev/null -w "%{http_code}" -u me:a-new-password ${address}`)).toBe('404');
});
