import { expect, test } from 'vitest';
import { createEventLog } from '../engine/events/log.ts';
import { TestClock } from '../engine/testing/clock.ts';
import { eventSource } from './event-source.ts';

const event = (action: string) => ({ kind: 'event', type: 'container', action, actor: { id: 'a', attributes: {} }, facts: {} }) as const;

test('who follows events goes on hearing them after the log was restored to an earlier place', async () => {
  const log = createEventLog(new TestClock());
  const checkpoint = log.snapshot();
  for (let index = 0; index < 5; index += 1) log.append(event('before'));
  const source = eventSource(log, { since: null, until: null, wanted: () => true });
  const next = source.read();
  log.restore(checkpoint);
  log.append(event('after'));
  expect((await next)?.action).toBe('after');
  source.cancel();
});

test.each([0, 1, 255, 256, 257, 1000])(
  'of %i events before and many that come while they are told none is lost and none comes twice',
  async (before) => {
    const log = createEventLog(new TestClock());
    let made = 0;
    const make = (count: number): void => {
      for (let index = 0; index < count; index += 1) log.append(event(String((made += 1))));
    };
    make(before);
    const source = eventSource(log, { since: 0n, until: null, wanted: ({ action }) => Number(action) % 3 !== 0 });
    const heard: number[] = [];
    const wanted = (): number[] => Array.from({ length: made }, (_none, index) => index + 1).filter((number) => number % 3 !== 0);
    for (let turn = 0; turn < 400; turn += 1) {
      // Nothing, one, or more than are taken out of the log at once; before, while and after somebody waits.
      if (turn % 5 === 0) make(turn % 7);
      if (turn === 100) make(600);
      if (heard.length === wanted().length) queueMicrotask(() => make(2));
      const entry = await source.read();
      heard.push(Number(entry?.action));
    }
    while (heard.length < wanted().length) heard.push(Number((await source.read())?.action));
    expect(heard).toEqual(wanted());
    source.cancel();
  },
);
