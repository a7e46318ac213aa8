import type { TraceMessage } from '../../protocol/buildkit/trace.ts';
import type { Vertices } from './vertices.ts';

/** How a build is shown while it goes on, and what was heard of it. */
export interface Display {
  readonly vertices: Vertices;
  begin(): Promise<void>;
  hear(message: TraceMessage): Promise<void>;
  end(): Promise<void>;
}
