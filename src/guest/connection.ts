import type { Duplex } from '../base/streams.ts';
import { lane } from '../protocol/agent.ts';
import type { GuestStream } from './channel.ts';

/** The two ways of a TCP connection. One that breaks off is reset: an end would tell the other side that it has had all. */
export function wholeOrReset(stream: Pick<GuestStream, 'lane' | 'reset'>): Duplex {
  const { source, sink } = stream.lane(lane.main);
  return { source, sink: { ...sink, abort: (reason) => stream.reset(reason) } };
}
