import { expect, test } from 'vitest';
import type { DnsEntry } from '../../protocol/log.ts';
import { check, sentence } from '../testing/check.ts';
import { containerFact, sceneFact, snapshotFact } from '../testing/facts.ts';

const asked = (sequence: number, name: string, more: Partial<DnsEntry> = {}): DnsEntry => ({
  kind: 'dns',
  sequence,
  timeNano: '0',
  container: { id: 'a', name: 'api' },
  name,
  type: 'A',
  transport: 'udp',
  code: 'NOERROR',
  records: ['172.18.0.3'],
  ...more,
});
const scene = sceneFact({
  engine: snapshotFact({ containers: [containerFact({ name: 'db', networks: { shop: '172.18.0.3' } }), containerFact({ name: 'web' })] }),
  log: [asked(1, 'early'), asked(2, 'store'), asked(3, 'nobody', { code: 'NXDOMAIN', records: [] })],
  horizon: 1,
});

test('a container asked for a name, and what was answered is whose address it is', async () => {
  expect((await check({ lookup: { by: 'api', name: 'store', finds: 'db', records: { contains: '172.18.0.3' } } }, scene)).ok).toBe(true);
  expect(await sentence({ lookup: { by: 'api', name: 'store', finds: 'web' } }, scene)).toBe(
    'api asked for the name store, and the answer was 172.18.0.3, not web.',
  );
});

test('what was asked before the step, or by another one, or for another type does not count', async () => {
  expect(await sentence({ lookup: { by: 'api', name: 'early' } }, scene)).toBe('In this step api has not asked for the name early.');
  expect((await check({ lookup: { by: 'web', name: 'store' } }, scene)).ok).toBe(false);
  expect((await check({ lookup: { by: 'api', name: 'store', type: 'AAAA' } }, scene)).ok).toBe(false);
});

test('a name that nobody has is told as such, and can be what is wanted', async () => {
  expect(await sentence({ lookup: { by: 'api', name: 'nobody' } }, scene)).toBe(
    'api asked for the name nobody, but there is no such name on its networks.',
  );
  expect((await check({ lookup: { by: 'api', name: 'nobody', code: 'NXDOMAIN' } }, scene)).ok).toBe(true);
});
