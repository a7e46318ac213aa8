import fc from 'fast-check';
import { beforeEach, expect, test } from 'vitest';
import { KnownNames, outsideTimeToLive, standsForName } from './known-names.ts';

let now: number;
beforeEach(() => (now = 1_000_000));
const names = (most: number): KnownNames => new KnownNames(() => now, most);
const later = (): void => void (now += 2 * outsideTimeToLive * 1000 + 1);

test('each name has an address of its own, the same one every time, and the address leads back to it', () => {
  const known = names(10);
  expect([known.addressOf('a.org'), known.addressOf('b.org'), known.addressOf('a.org')]).toEqual([
    '198.18.0.1',
    '198.18.0.2',
    '198.18.0.1',
  ]);
  expect([known.nameOf('198.18.0.2'), known.nameOf('198.18.0.3'), known.nameOf('8.8.8.8'), known.nameOf('x')]).toEqual([
    'b.org',
    null,
    null,
    null,
  ]);
  expect(['198.17.255.255', '198.18.0.0', '198.19.255.255', '198.20.0.0', 'fe80::1'].map(standsForName)).toEqual([
    false,
    true,
    true,
    false,
    false,
  ]);
});

test('the name that was used least recently goes first, once its answer is no longer good', () => {
  const known = names(2);
  known.addressOf('a.org');
  known.addressOf('b.org');
  expect(known.addressOf('c.org')).toBeNull();
  later();
  known.addressOf('a.org');
  expect(known.addressOf('c.org')).toBe('198.18.0.3');
  expect([known.nameOf('198.18.0.1'), known.nameOf('198.18.0.2')]).toEqual(['a.org', null]);
});

test('a name that a connection holds stays however old its answer is, and goes after it', () => {
  const known = names(1);
  known.addressOf('a.org');
  const [first, second] = [known.hold('a.org'), known.hold('a.org')];
  later();
  expect(known.addressOf('b.org')).toBeNull();
  first.dispose();
  first.dispose();
  expect(known.addressOf('b.org')).toBeNull();
  second.dispose();
  expect(known.addressOf('b.org')).toBe('198.18.0.2');
  known.hold('nobody.org').dispose();
});

test('over a save names keep their addresses, and their answers are good again', () => {
  const known = names(3);
  for (const name of ['a.org', 'b.org']) known.addressOf(name);
  later();
  const other = names(3);
  other.restore(known.save());
  expect([other.nameOf('198.18.0.1'), other.addressOf('c.org'), other.isFresh('b.org')]).toEqual(['a.org', '198.18.0.3', true]);
  expect(other.addressOf('d.org')).toBeNull();
});

test('whatever is asked, held and let go: no address is two names’, none that is good or held becomes another’s, and there are never too many', () => {
  const step = fc.oneof(
    fc.record({ do: fc.constant('ask' as const), name: fc.integer({ min: 0, max: 30 }) }),
    fc.record({ do: fc.constant('hold' as const), name: fc.integer({ min: 0, max: 30 }) }),
    fc.record({ do: fc.constant('let go' as const), name: fc.nat(5) }),
    fc.record({ do: fc.constant('wait' as const), name: fc.integer({ min: 0, max: 90_000 }) }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const known = names(8);
      const good = new Map<string, { name: string; until: number }>();
      const held: { address: string; name: string; dispose(): void }[] = [];
      for (const { do: what, name } of steps) {
        if (what === 'wait') now += name;
        if (what === 'let go') held.splice(name % (held.length + 1), 1)[0]?.dispose();
        if (what === 'ask' || what === 'hold') {
          const address = known.addressOf(`h${name}.org`);
          if (address === null) continue;
          for (const [other, { name: of, until }] of good) if (other === address && until > now) expect(of).toBe(`h${name}.org`);
          good.set(address, { name: `h${name}.org`, until: now + 2 * outsideTimeToLive * 1000 });
          if (what === 'hold') held.push({ address, name: `h${name}.org`, ...known.hold(`h${name}.org`) });
        }
        for (const each of held) expect(known.nameOf(each.address)).toBe(each.name);
        expect(known.save().names.length).toBeLessThanOrEqual(8);
      }
    }),
  );
});
