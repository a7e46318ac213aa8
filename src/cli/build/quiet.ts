import type { TraceMessage } from '../../protocol/buildkit/trace.ts';
import type { Display } from './display.ts';
import { Vertices } from './vertices.ts';

/** `-q`: nothing is shown but what failed, at the end. */
export class QuietDisplay implements Display {
  readonly vertices = new Vertices();

  begin(): Promise<void> {
    return Promise.resolve();
  }

  hear(message: TraceMessage): Promise<void> {
    const vertex = this.vertices.of(message);
    if (message.kind === 'log') vertex?.log(message);
    if (message.kind === 'warning') vertex?.warnings.push(message);
    return Promise.resolve();
  }

  end(): Promise<void> {
    return Promise.resolve();
  }
}
