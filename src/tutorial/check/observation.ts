import type { ContainerInspect } from '../../protocol/engine-api.ts';
import type { LogEntry } from '../../protocol/log.ts';
import type { EngineSnapshot } from '../facts.ts';
import type { GuestReader } from '../guest-reader.ts';

/** All that a check sees at one moment. */
export interface Observation {
  readonly engine: EngineSnapshot;
  /** The engine when the step was entered. */
  readonly entry: EngineSnapshot;
  /** The log since the tutorial was started, oldest first. */
  readonly log: readonly LogEntry[];
  /** Log position of the step's entry. */
  readonly horizon: number;
  /** What the learner answered last; null for nothing yet. */
  readonly answer: string | null;
  readonly guest: GuestReader;
  /** Milliseconds on the tutorial's clock. */
  readonly now: number;
}

/** By name, id, or a prefix of an id that only one has. */
export function findContainer(engine: EngineSnapshot, wanted: string): ContainerInspect | undefined {
  const exact = engine.containers.find((container) => container.Id === wanted || containerName(container) === wanted);
  if (exact !== undefined) return exact;
  const byPrefix = /^[0-9a-f]+$/.test(wanted) ? engine.containers.filter(({ Id }) => Id.startsWith(wanted)) : [];
  return byPrefix.length === 1 ? byPrefix[0] : undefined;
}

export const containerName = (container: ContainerInspect): string => container.Name.replace(/^\//, '');

/** Of another object's name in a relation: "container:web" is ["container", "web"]. */
export function splitOperand(operand: string): readonly [kind: string, name: string] {
  const colon = operand.indexOf(':');
  return colon < 0 ? [operand, ''] : [operand.slice(0, colon), operand.slice(colon + 1)];
}
