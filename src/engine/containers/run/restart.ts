import type { Container, LockedContainer } from '../container.ts';
import type { Needs } from '../context.ts';
import { nextRestartDelay } from './restart-policy.ts';

/** `launch` of start.ts with what it needs, handed in by who starts: a start is supervised and a supervised run is started again. */
export type Launch = (container: LockedContainer) => Promise<void>;

/** @param ranFor milliseconds */
export function scheduleRestart(context: Needs<'clock'>, container: LockedContainer, ranFor: number, launch: Launch): void {
  // Counted when it is decided, not when it comes (daemon/monitor.go).
  container.restartCount += 1;
  container.restartDelay = nextRestartDelay(container.restartDelay, ranFor);
  resumeRestart(context, container, launch);
}

/** Waits for `restartDelay`, then starts the container again; `pendingRestart` calls it off. */
export function resumeRestart({ clock }: Needs<'clock'>, container: Container, launch: Launch): void {
  const pending = container.background.start('restart', async (signal) => {
    await clock.after(container.restartDelay, signal).then(
      () => container.locked((locked) => restartByPolicy(locked, pending, launch)),
      () => undefined,
    );
  });
  container.pendingRestart = pending;
}

async function restartByPolicy(container: LockedContainer, pending: AbortController, launch: Launch): Promise<void> {
  if (container.pendingRestart !== pending || pending.signal.aborted || container.state.status !== 'restarting') return;
  container.pendingRestart = null;
  // The failure is in the container's state; nobody asked who could be told.
  await launch(container).catch(() => undefined);
}
