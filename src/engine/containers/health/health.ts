import type { Integer } from '../../../grammar/strconv.ts';
import type { ContainerConfig } from '../../../protocol/engine-api.ts';

/** What one probe found. Times are RFC 3339. */
export interface ProbeResult {
  readonly start: string;
  readonly end: string;
  /** 0: healthy; -1: it did not run, or not to its end. */
  readonly exitCode: number;
  /** The first 4096 bytes. */
  readonly output: string;
}

/** Of a container that was ever started with a health check (moby: container.Health). */
export interface Health {
  readonly status: 'starting' | 'healthy' | 'unhealthy';
  /** Failures one after the other, those of the start period aside. */
  readonly failingStreak: number;
  /** The last five, oldest first. */
  readonly log: readonly ProbeResult[];
}

/** How a container is probed; milliseconds. */
export interface HealthCheck {
  readonly command: readonly string[];
  readonly interval: number;
  readonly timeout: number;
  readonly startPeriod: number;
  readonly startInterval: number;
  readonly retries: number;
}

const resultsKept = 5;

/** Seconds-long defaults of daemon/health.go. null: it has none, or one of a kind that nobody knows. */
export function healthCheckOf({ Healthcheck: asked, Shell: shell }: ContainerConfig): HealthCheck | null {
  const command = commandOf(asked?.Test ?? [], shell);
  if (asked === undefined || command === null) return null;
  const orDefault = (nanoseconds: Integer | undefined, milliseconds: number): number =>
    nanoseconds === undefined || nanoseconds === 0 ? milliseconds : Number(nanoseconds) / 1e6;
  return {
    command,
    interval: orDefault(asked.Interval, 30_000),
    timeout: orDefault(asked.Timeout, 30_000),
    startPeriod: orDefault(asked.StartPeriod, 0),
    startInterval: orDefault(asked.StartInterval, 5_000),
    retries: asked.Retries === undefined || asked.Retries <= 0 ? 3 : Number(asked.Retries),
  };
}

function commandOf([kind, ...words]: readonly string[], shell: readonly string[] | undefined): readonly string[] | null {
  if (kind === 'CMD') return words;
  if (kind !== 'CMD-SHELL') return null;
  return [...(shell === undefined || shell.length === 0 ? ['/bin/sh', '-c'] : shell), ...words];
}

/** At each start; what was found before stays in the log. */
export function startedHealth(before: Health | null): Health {
  return { status: 'starting', failingStreak: 0, log: before?.log ?? [] };
}

/** Nobody looks any more: Docker calls that unhealthy (container/health.go, CloseMonitorChannel). */
export function unwatchedHealth(health: Health): Health {
  return { ...health, status: 'unhealthy' };
}

/** daemon/health.go, handleProbeResult. @param sinceStart milliseconds from the container's start to the probe's */
export function afterProbe(health: Health, result: ProbeResult, { startPeriod, retries }: HealthCheck, sinceStart: number): Health {
  const log = [...health.log, result].slice(-resultsKept);
  if (result.exitCode === 0) return { status: 'healthy', failingStreak: 0, log };
  if (health.status === 'starting' && sinceStart < startPeriod) return { ...health, log };
  const failingStreak = health.failingStreak + 1;
  return { status: failingStreak >= retries ? 'unhealthy' : health.status, failingStreak, log };
}

/** Milliseconds from the end of one probe to the next: often until the first success within the start period. */
export function nextProbe({ interval, startInterval, startPeriod }: HealthCheck, health: Health, sinceStart: number): number {
  return health.status === 'starting' && sinceStart < startPeriod ? startInterval : interval;
}
