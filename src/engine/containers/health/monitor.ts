import { unlessAborted } from '../../background.ts';
import type { Container, LockedContainer } from '../container.ts';
import { logContainerEvent, type Needs } from '../context.ts';
import { afterProbe, healthCheckOf, nextProbe, startedHealth, unwatchedHealth, type HealthCheck, type ProbeResult } from './health.ts';
import { probe } from './probe.ts';

export type MonitorContext = Needs<'store' | 'runtime' | 'networks' | 'events' | 'clock' | 'random' | 'changes' | 'turns'>;

/** Of a container that was just started: "starting", and somebody looks from now on (daemon/health.go, initHealthMonitor). */
export function beginHealth(context: MonitorContext, container: LockedContainer): void {
  if (healthCheckOf(container.config) === null) return;
  endHealth(container);
  container.health = startedHealth(container.health);
  watchHealth(context, container);
}

/** Goes on looking, after an unpause or a restore; the next probe comes after a whole interval. */
export function watchHealth(context: MonitorContext, container: Container): void {
  const check = healthCheckOf(container.config);
  if (check === null || container.health === null || container.monitor !== null) return;
  container.monitor = container.background.start('health', (signal) => monitor(context, container, check, signal));
}

/** Nobody looks at it from now on; a probe that runs is killed. */
export function endHealth(container: Container): void {
  const { monitor: running, health } = container;
  if (running === null) return;
  running.abort();
  container.monitor = null;
  if (health !== null) container.health = unwatchedHealth(health);
}

/** Probes one after the other, until the signal. Never rejects. */
async function monitor(context: MonitorContext, container: Container, check: HealthCheck, signal: AbortSignal): Promise<void> {
  for (;;) {
    const { health } = container;
    if (signal.aborted || health === null) return;
    const wait = nextProbe(check, health, millisecondsSinceStart(container, context.clock.now()));
    const isDue = await context.clock.after(wait, signal).then(
      () => true,
      () => false,
    );
    if (!isDue) return;
    const sinceStart = millisecondsSinceStart(container, context.clock.now());
    const result = await unlessAborted(probe(context, container, check, signal), signal);
    if (result === null) return;
    await container.locked((locked) => {
      if (!signal.aborted) record(context, locked, { check, result, sinceStart });
    });
  }
}

interface Finding {
  readonly check: HealthCheck;
  readonly result: ProbeResult;
  readonly sinceStart: number;
}

function record(context: Needs<'events'>, container: LockedContainer, { check, result, sinceStart }: Finding): void {
  const before = container.health;
  if (before === null) return;
  const after = afterProbe(before, result, check, sinceStart);
  container.health = after;
  if (after.status !== before.status) logContainerEvent(context, container, `health_status: ${after.status}`);
}

function millisecondsSinceStart({ state }: Container, now: bigint): number {
  return Number(now / 1_000_000n) - Date.parse(state.startedAt);
}
