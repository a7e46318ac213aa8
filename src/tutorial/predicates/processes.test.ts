import { expect, test } from 'vitest';
import { check, sentence } from '../testing/check.ts';
import { containerFact, hex, readerOf, sceneFact, snapshotFact } from '../testing/facts.ts';

const proc = (pid: number, name: string, state = 'S (sleeping)'): readonly [string, string] => [
  `container:${hex('box')}:/proc/${pid}/status`,
  `Name:\t${name}\nState:\t${state}\n`,
];
const scene = sceneFact({
  engine: snapshotFact({ containers: [containerFact({ name: 'box' }), containerFact({ name: 'off', state: 'exited' })] }),
  guest: readerOf(Object.fromEntries([proc(1, 'init'), proc(7, 'worker'), proc(8, 'worker'), proc(9, 'child', 'Z (zombie)')])),
});

test('living processes and those that were never waited for are counted apart', async () => {
  expect((await check({ processes: { of: 'box', names: { contains: 'worker' }, count: 3, zombies: 1 } }, scene)).ok).toBe(true);
  expect(await sentence({ processes: { of: 'box', zombies: 0 } }, scene)).toBe('box has 1 zombie; wanted is box with no zombies.');
  expect(await sentence({ processes: { of: 'box', names: { contains: 'child' } } }, scene)).toBe(
    'box has programs init, worker; wanted is box with programs such as “child”.',
  );
});

test('how many there are can be what an answer is compared with', async () => {
  const equals = { answer: { equals: { processes: 'box' } } };
  expect((await check(equals, { ...scene, answer: '3' })).ok).toBe(true);
  expect(await sentence(equals, { ...scene, answer: '4' })).toBe('4 is not the number of processes of box.');
  expect(await sentence({ answer: { equals: { processes: 'off' } } }, { ...scene, answer: '0' })).toMatch(/^There is no off that runs/);
});

test('one that ended between two looks has none, and not nought', async () => {
  const engine = snapshotFact({ containers: [containerFact({ name: 'box' })] });
  const guest = readerOf({ [`container:${hex('box')}:/proc/none`]: '' });
  expect((await check({ processes: { of: 'box', zombies: 0 } }, sceneFact({ engine, guest }))).ok).toBe(false);
});

test('one that does not run, or is not there, has none', async () => {
  expect((await check({ processes: { of: 'off', zombies: 0 } }, scene)).ok).toBe(false);
  expect(await sentence({ processes: { of: 'gone', count: 0 } }, scene)).toBe('gone does not run, so it has no processes.');
});
