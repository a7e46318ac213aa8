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
