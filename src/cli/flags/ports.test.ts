import { describe, expect, it } from 'vitest';
import { parsePorts } from './ports.ts';

const to = (HostPort: string, HostIp = '') => [{ HostIp, HostPort }];

describe('parsePorts', () => {
  it('reads what docker reads', () => {
    expect(
      parsePorts(
        ['8080:80', '443', '127.0.0.1:53:53/udp', '9000-9001:90-91', '[::1]:81:82', '8000-8010:83', 'published=84,target=85,protocol=udp'],
        [],
      ),
    ).toEqual({
      exposed: { '80/tcp': {}, '443/tcp': {}, '53/udp': {}, '90/tcp': {}, '91/tcp': {}, '82/tcp': {}, '83/tcp': {}, '85/udp': {} },
      bindings: {
        '80/tcp': to('8080'),
        '443/tcp': to(''),
        '53/udp': to('53', '127.0.0.1'),
        '90/tcp': to('9000'),
        '91/tcp': to('9001'),
        '82/tcp': to('81', '::1'),
        '83/tcp': to('8000-8010'),
        '85/udp': to('84'),
      },
    });
  });

  it('exposes ranges without publishing them', () => {
    expect(parsePorts([], ['5-6/udp'])).toEqual({ exposed: { '5/udp': {}, '6/udp': {} }, bindings: {} });
  });

  it.each([
    ['x', 'invalid containerPort: x'],
    ['70000:1', 'invalid hostPort: 70000'],
    ['80/foo', 'invalid proto: foo'],
    ['80:90:100:110', 'invalid IP address: 80:90'],
    ['1-3:4-5', 'invalid ranges specified for container and host Ports: 4-5 and 1-3'],
  ])('refuses %s', (spec, complaint) => {
    expect(() => parsePorts([spec], [])).toThrow(complaint);
  });
});
