import { encodeRecord } from '../../src/protocol/agent-codec.ts';
import { hostKind, lane } from '../../src/protocol/agent.ts';
import { createNodePlayground } from '../../src/worker/node/playground.ts';
import { median, round, type Figure } from './figure.ts';

/** 64 bytes to the agent and back, one at a time, on an idle guest. */
export async function* roundTripFigure(): AsyncGenerator<Figure> {
  const playground = await createNodePlayground();
  const { machine } = playground.host;
  const stream = machine.channel.open(hostKind.echo, encodeRecord('empty', {}));
  await stream.reply;
  const { source, sink } = stream.lane(lane.main);
  const message = new Uint8Array(64).fill(7);
  const times: number[] = [];
  const before = machine.instructions();
  for (let index = 0; index < 500; index += 1) {
    const started = performance.now();
    await sink.write(message);
    await source.read();
    times.push(performance.now() - started);
  }
  const instructions = ((machine.instructions() - before) >>> 0) / 500;
  yield {
    figure: 'round trip of 64 bytes, TypeScript to agent and back, median',
    value: round(median(times.slice(100)), 3),
    unit: 'ms',
    target: 1,
    guestInstructions: Math.round(instructions),
  };
  stream.reset();
  await playground.dispose();
}
