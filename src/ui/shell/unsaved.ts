import type { EngineState } from '../../protocol/engine-feed.ts';
import type { StepOutcome } from '../../protocol/tutorial.ts';

/** What somebody may have made since the machine was as at the start. */
interface Made {
  readonly engine: Pick<EngineState, 'containers' | 'images' | 'networks' | 'volumes'>;
  readonly outcomes: readonly StepOutcome[];
  /** A line was entered in a terminal: it may have written files, of which the page knows nothing. */
  readonly entered: boolean;
}

/** Networks that every engine has. */
const builtIn: ReadonlySet<string> = new Set(['bridge', 'host', 'none']);

/** Whether leaving the page would lose work. A machine begins without images: one that is there was pulled, built or loaded. */
export const wouldLose = ({ engine: { containers, images, networks, volumes }, outcomes, entered }: Made): boolean =>
  entered ||
  containers.length + images.length + volumes.length > 0 ||
  networks.some(({ Name }) => !builtIn.has(Name)) ||
  outcomes.some((outcome) => outcome !== 'open');
