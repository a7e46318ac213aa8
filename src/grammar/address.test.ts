import { expect, test } from 'vitest';
import { addressNumber, addressText, isAddress4, isAddress6, isHardwareAddress } from './address.ts';

test.each(['0.0.0.0', '255.255.255.255', '10.1.2.3'])('%s is an IPv4 address', (text) => {
  expect(isAddress4(text)).toBe(true);
});

test.each(['256.1.1.1', '1.2.3', '01.2.3.4', '1.2.3.4 ', ''])('%j is no IPv4 address', (text) => {
  expect(isAddress4(text)).toBe(false);
});

test.each(['::', '::1', 'fe80::1', '1:2:3:4:5:6:7:8', '::ffff:1.2.3.4', '1:2:3:4:5:6:7::'])('%s is an IPv6 address', (text) => {
  expect(isAddress6(text)).toBe(true);
});

test.each(['1:2', ':::', '1::2::3', 'fe80::1%eth0', '12345::', '::1.2.3', '1:2:3:4:5:6:7:8:9', '[::1]'])(
  '%s is no IPv6 address',
  (text) => {
    expect(isAddress6(text)).toBe(false);
  },
);

test.each(['02:42:ac:11:00:02', '02-42-ac-11-00-02', '0242.ac11.0002', '02:42:ac:11:00:02:00:01'])('%s is a hardware address', (text) => {
  expect(isHardwareAddress(text)).toBe(true);
});

test.each(['02:42:ac:11:00', '02:42-ac:11:00:02', '02:42:ac:11:00:0g', '0242.ac11', ''])('%j is no hardware address', (text) => {
  expect(isHardwareAddress(text)).toBe(false);
});

test.each([
  ['FD00:0:0::1', 'fd00::1'],
  ['::', '::'],
  ['1:0:0:2:0:0:0:3', '1:0:0:2::3'],
  ['1:0:2:3:4:5:6:7', '1:0:2:3:4:5:6:7'],
  ['fd00:1::', 'fd00:1::'],
  ['::ffff:10.1.2.3', '::ffff:10.1.2.3'],
  ['::10.1.2.3', '::a01:203'],
])('%s of IPv6 is written %s', (text, written) => {
  expect(addressText(addressNumber(text), 128)).toBe(written);
});

test('an address of IPv4 is a number of 32 bits', () => {
  expect(addressNumber('172.17.0.2')).toBe(0xac110002n);
  expect(addressText(0xac110002n, 32)).toBe('172.17.0.2');
});
