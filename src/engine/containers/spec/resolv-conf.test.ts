import { expect, test } from 'vitest';
import { resolvConf, type ResolvFacts } from './resolv-conf.ts';

const said = (facts: Partial<ResolvFacts>): string[] => {
  const text = resolvConf({ host: ['10.255.255.53'], nameservers: [], searches: [], options: [], network: 'internal', ...facts });
  return text.split('\n').slice(4, -1);
};

/** As a real engine of 28.5 writes them. */
test.each<[string, Partial<ResolvFacts>, string[]]>([
  [
    'a user network: its own server',
    {},
    [
      'nameserver 127.0.0.11',
      'options ndots:0',
      '',
      "# Based on host file: '/etc/resolv.conf' (internal resolver)",
      '# ExtServers: [10.255.255.53]',
      '# Overrides: []',
      '# Option ndots from: internal',
    ],
  ],
  [
    'servers, domains and options that were asked for',
    { nameservers: ['1.1.1.1', 'fe80::1'], searches: ['a.b', '.', 'c.d'], options: ['ndots:5', 'timeout:2'] },
    [
      'nameserver 127.0.0.11',
      'search a.b c.d',
      'options ndots:5 timeout:2',
      '',
      "# Based on host file: '/etc/resolv.conf' (internal resolver)",
      '# ExtServers: [1.1.1.1 fe80::1]',
      '# Overrides: [nameservers search options]',
      '# Option ndots from: override',
    ],
  ],
  [
    'a number of dots that is none',
    { options: ['timeout:1', 'ndots:-1', 'ndots:abc', 'ndots'], searches: ['.'] },
    [
      'nameserver 127.0.0.11',
      'options timeout:1 ndots:0',
      '',
      "# Based on host file: '/etc/resolv.conf' (internal resolver)",
      '# ExtServers: [10.255.255.53]',
      '# Overrides: [search options]',
      '# Option ndots from: internal',
    ],
  ],
  [
    'the default bridge',
    { network: 'legacy', options: ['ndots:2'] },
    [
      'nameserver 10.255.255.53',
      'options ndots:2',
      '',
      "# Based on host file: '/etc/resolv.conf' (legacy)",
      '# Overrides: [options]',
      '# Option ndots from: override',
    ],
  ],
  [
    'a host whose servers a container does not reach',
    { network: 'legacy', host: ['127.0.0.53', '::1'] },
    [
      'nameserver 8.8.8.8',
      'nameserver 8.8.4.4',
      '',
      "# Based on host file: '/etc/resolv.conf' (legacy)",
      '# Used default nameservers.',
      '# Overrides: []',
    ],
  ],
  [
    'these behind the own server',
    { host: ['127.0.0.53'] },
    [
      'nameserver 127.0.0.11',
      'options ndots:0',
      '',
      "# Based on host file: '/etc/resolv.conf' (internal resolver)",
      '# ExtServers: [host(127.0.0.53)]',
      '# Overrides: []',
      '# Option ndots from: internal',
    ],
  ],
  [
    "the host's network",
    { network: 'host', nameservers: ['1.2.3.4'] },
    ['nameserver 1.2.3.4', '', "# Based on host file: '/etc/resolv.conf'", '# Overrides: [nameservers]'],
  ],
])('%s', (_, facts, lines) => {
  expect(said(facts)).toEqual(lines);
});
