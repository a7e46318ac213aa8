import { expect, test } from 'vitest';
import { isOutsideName } from './host-name.ts';

test('names of several plain labels are asked outside; single ones, reserved ones, addresses and what is no host name are nobody’s', () => {
  for (const name of ['www.example.org', 'xn--bcher-kva.example', '_dmarc.a.org', 'a-b.c', '1.fm', `${'a'.repeat(63)}.org`])
    expect(isOutsideName(name), name).toBe(true);
  const bad = [
    '',
    'nosuch',
    'localhost',
    'a.localhost',
    'printer.local',
    'x.invalid',
    'x.onion',
    '1.2.3.4',
    'a..b',
    '.a',
    '-a.org',
    'a-.org',
  ];
  for (const name of [...bad, 'a\\.b.org', 'a b.org', `${'a'.repeat(64)}.org`, `${'abc.'.repeat(64)}org`, '4.3.2.1.in-addr.arpa', 'ä.org'])
    expect(isOutsideName(name), name).toBe(false);
});
