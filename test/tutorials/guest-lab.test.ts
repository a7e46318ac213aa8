import { afterAll, beforeAll, expect, test } from 'vitest';
import { openGuestLab } from './guest-lab.ts';
import type { Lab } from './lab.ts';

let lab: Lab;
beforeAll(async () => {
  lab = await openGuestLab();
});
afterAll(() => lab.dispose());

const guestSeconds = async (): Promise<number> => Number((await lab.guest.exec('cut -d" " -f1 /proc/uptime', { id: 'uptime' })).stdout);

test('time that is let pass passes for the guest and its sleeping programs as for the host', async () => {
  await lab.guest.exec('(sleep 100; touch /tmp/woken) > /dev/null 2>&1 &', { id: 'sleeper' });
  const before = { guest: await guestSeconds(), host: Date.now(), clock: lab.clock.now() };
  await lab.letPass(90_000);
  expect((await lab.guest.exec('ls /tmp/woken', { id: 'early' })).exitCode).not.toBe(0);
  await lab.letPass(30_000);
  expect((await lab.guest.exec('ls /tmp/woken', { id: 'late' })).exitCode).toBe(0);
  expect((await guestSeconds()) - before.guest).toBeGreaterThan(119);
  expect(Date.now() - before.host).toBeGreaterThan(119_000);
  expect(lab.clock.now() - before.clock).toBeGreaterThan(119_000);
});
