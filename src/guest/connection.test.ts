import { expect, test } from 'vitest';
import { utf8 } from '../base/bytes.ts';
import { pipeTo } from '../base/streams.ts';
import { Guest } from './guest.ts';
import { TestChannel } from './testing/channel.ts';

test('a connection whose source breaks off is reset: whoever reads it in the guest must not take it for all there was', async () => {
  const channel = new TestChannel();
  channel.agent = (stream) => stream.reply('empty', {});
  const { sink } = await new Guest(channel).sockets.connect({ container: '', address: '127.0.0.1', port: 80 });
  const chunks = [utf8('half')];
  const broken = {
    read: () => {
      const chunk = chunks.shift();
      return chunk === undefined ? Promise.reject(new Error('reset')) : Promise.resolve(chunk);
    },
    cancel: () => undefined,
  };
  await expect(pipeTo(broken, sink)).rejects.toThrow('reset');
  expect(channel.last.wasReset).toBe(true);
});

test('one whose source ends well is not', async () => {
  const channel = new TestChannel();
  channel.agent = (stream) => stream.reply('empty', {});
  const { sink } = await new Guest(channel).sockets.connect({ container: '', address: '127.0.0.1', port: 80 });
  await pipeTo({ read: () => Promise.resolve(null), cancel: () => undefined }, sink);
  expect(channel.last.wasReset).toBe(false);
});
