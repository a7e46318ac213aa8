import { expect, test } from 'vitest';
import { parseRelayAddress } from './relay-address.ts';

test('a relay is reached over TLS, or on this machine, and nothing else is a relay’s address', () => {
  expect(parseRelayAddress(' wss://relay.example ')).toBe('wss://relay.example/');
  expect(parseRelayAddress('WSS://relay.example:8443/wisp')).toBe('wss://relay.example:8443/wisp/');
  for (const local of ['ws://localhost:6001/', 'ws://127.0.0.1:6001/', 'ws://[::1]/']) expect(parseRelayAddress(local)).toBe(local);
  const bad = [
    '',
    'relay.example',
    'https://relay.example/',
    'ws://relay.example/',
    'ws://localhost.evil.example/',
    'wss://',
    'wss://a b/',
  ];
  for (const text of [
    ...bad,
    'wss://u:p@relay.example/',
    'wss://a/?q',
    'wss://a/#f',
    'wss://a:0/',
    'wss://a:99999/',
    `wss://${'a'.repeat(2000)}/`,
  ])
    expect(parseRelayAddress(text), text).toBeNull();
});
