/** Our API over our engine over a guest in memory, as the command line's tests ask it: the whole of Drydock but the guest. */
import { createApi } from '../../src/api/api.ts';
import { answering, RecordedEngine, type FixedAnswers } from '../../src/cli/testing/recorded-engine.ts';
import { docker } from '../../src/cli/testing/fake-session.ts';
import { systemClock, type Clock } from '../../src/engine/clock.ts';
import { testLayout } from '../../src/engine/images/testing/layout.ts';
import { forever, type Program } from '../../src/engine/testing/programs.ts';
import { testEngine } from '../conformance/test-engine.ts';

/** What the engine has at first. */
export interface CliEngineOptions {
  /** Names of images that are there; busybox unless given. */
  readonly images?: readonly string[];
  /** Names of images that can be pulled besides. */
  readonly registry?: readonly string[];
  /** In place of what the engine would answer. */
  readonly answers?: FixedAnswers;
}

/** Besides what every container of the test machine can run. */
const programs: Readonly<Record<string, Program>> = {
  /** Writes to both outputs in turn: `both out err out`. */
  async both(process) {
    for (const word of process.spec.args?.slice(1) ?? []) {
      if (word.startsWith('err')) await process.complain(`${word}\n`);
      else await process.print(`${word}\n`);
    }
  },
  /** Heeds SIGKILL only. */
  stubborn(process) {
    for (const signal of [1, 2, 3, 10, 12, 15]) process.handlers.set(signal, () => undefined);
    return forever();
  },
  /** The size of its terminal, for everything it reads, until `q`. */
  async size(process) {
    for (let chunk = await process.input.read(); chunk !== null && chunk[0] !== 0x71; chunk = await process.input.read())
      await process.print(`${process.size.rows}x${process.size.columns}\n`);
  },
};

/** Made once: to hash them is what takes time. */
const layouts = new Map<string, ReturnType<typeof testLayout>>();

function layoutOf(names: readonly string[]): ReturnType<typeof testLayout> {
  const key = names.join(' ');
  const made =
    layouts.get(key) ??
    testLayout(
      names.map((name) => ({ name: `docker.io/library/${name}`, layers: [[{ path: 'bin/sh', mode: 0o755, data: 'x'.repeat(1000) }]] })),
    );
  layouts.set(key, made);
  return made;
}

/** Stands still three hours ago, so that "3 hours ago" is what a client makes of it however long a test takes; waits are real. */
function clockOfThreeHoursAgo(): Clock {
  const start = BigInt(Date.now() - 3 * 3_600_000 - 60_000) * 1_000_000n;
  let count = 0n;
  return { ...systemClock(), now: () => start + ++count };
}

export async function cliEngine({
  images = ['busybox:latest'],
  registry = [],
  answers = {},
}: CliEngineOptions = {}): Promise<RecordedEngine> {
  const { engine, runtime } = testEngine({ images: layoutOf([...images, ...registry]), clock: clockOfThreeHoursAgo() });
  for (const [name, program] of Object.entries(programs)) runtime.programs.set(name, program);
  const api = createApi(engine, 'test');
  for (const image of images) await docker(api, ['pull', '-q', image]);
  return new RecordedEngine(answering(answers, api));
}
