import { expect, test } from 'vitest';
import { isAddress4, isAddress6, isHardwareAddress } from './address.ts';

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
