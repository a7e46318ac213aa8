import { expect, test } from 'vitest';
import { parseAllowedHost, refusalOf } from './allowed.ts';

test('addresses that are this machine’s or its network’s own are refused in every way to write them; those of the world and of private networks are not', () => {
  const own = [
    '127.0.0.1',
    '127.8.8.8',
    '0.0.0.0',
    '169.254.169.254',
    '169.254.0.1',
    '100.100.100.200',
    '168.63.129.16',
    '224.0.0.1',
    '255.255.255.255',
  ];
  const own6 = ['::1', '::', 'fe80::1', 'fe80::1%eth0', 'febf::1', 'fec0::1', 'fd00:ec2::254', 'fd20:ce::254', 'ff02::1'];
  const led = [
    '::ffff:127.0.0.1',
    '::ffff:7f00:1',
    '0:0:0:0:0:ffff:a9fe:a9fe',
    '64:ff9b::127.0.0.1',
    '64:ff9b::a9fe:a9fe',
    '::127.0.0.1',
    '2002:7f00:1::1',
    '198.18.0.1',
  ];
  for (const address of [...own, ...own6, ...led, 'localhost', '']) expect(refusalOf(address), address).not.toBeNull();
  const others = [
    '8.8.8.8',
    '10.0.0.1',
    '192.168.1.1',
    '172.17.0.1',
    '128.0.0.1',
    '2606:4700::1111',
    'fd12:3456::1',
    '::ffff:8.8.8.8',
    '64:ff9b::808:808',
  ];
  for (const address of others) expect(refusalOf(address), address).toBeNull();
});

test('a host is allowed by name or address, on one port or all', () => {
  const cases = {
    'localhost:8000': ['localhost', 8000],
    Host: ['host', null],
    '192.0.2.7': ['192.0.2.7', null],
    '[::1]:80': ['::1', 80],
    '::1': ['::1', null],
  };
  for (const [text, [host, port]] of Object.entries(cases)) expect(parseAllowedHost(text), text).toEqual({ host, port });
  for (const text of ['', ':80', 'a:0', 'a:65536', 'a:b', 'http://a', 'a b', '[a]:80', '*', '-a'])
    expect(() => parseAllowedHost(text), text).toThrow('--allow-host wants HOST or HOST:PORT');
});
