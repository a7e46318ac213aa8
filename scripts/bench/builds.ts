import { createNodePlayground } from '../../src/worker/node/playground.ts';
import type { LocalPlayground } from '../../src/worker/playground.ts';
import { untilAtRest } from './at-rest.ts';
import { median, round, type Figure } from './figure.ts';
import { openShell } from './shell.ts';

const steps = 10;

/** What steps of `docker build` cost, typed in the guest's shell: a RUN over `docker run`, a COPY of files, a build that is all cached. */
export async function* buildFigures(): AsyncGenerator<Figure> {
  const playground = await createNodePlayground();
  try {
    yield* figuresOf(playground);
  } finally {
    await playground.dispose();
  }
}

async function* figuresOf(playground: LocalPlayground): AsyncGenerator<Figure> {
  const shell = await openShell(playground);
  const lines = playground.lines;
  const make = async (script: string): Promise<void> => {
    const { exitCode, stderr } = await lines.run(script, { id: crypto.randomUUID() });
    if (exitCode !== 0) throw new Error(stderr);
  };
  await make('docker pull -q busybox; mkdir -p /lab/few /lab/many; cd /lab/few; seq 100 | while read i; do echo $i > f$i; done');
  await make('cd /lab/many; seq 40 | while read d; do mkdir d$d; seq 50 | while read i; do echo $d $i > d$d/f$i; done; done');
  const times = async (line: string, count: number) => {
    const costs = [];
    for (let index = 0; index < count; index += 1) {
      await untilAtRest(playground.host.machine);
      costs.push(await shell.run(line));
    }
    const later = costs.slice(1);
    return {
      milliseconds: median(later.map(({ milliseconds }) => milliseconds)),
      instructions: median(later.map(({ instructions }) => instructions)),
    };
  };
  const write = (name: string, text: string): Promise<void> => make(`printf '${text}' > /lab/${name}`);
  await write('one', 'FROM busybox\\nRUN true\\n');
  await write('more', `FROM busybox\\n${'RUN true\\n'.repeat(steps + 1)}`);
  const build = (name: string, folder: string, flags = ''): string => `docker build -q ${flags} -f /lab/${name} /lab/${folder} >/dev/null`;
  await make('mkdir -p /lab/none');
  const run = await times('docker run --rm busybox true', 7);
  const one = await times(build('one', 'none', '--no-cache'), 5);
  const more = await times(build('more', 'none', '--no-cache'), 5);
  const perStep = (key: 'milliseconds' | 'instructions'): number => (more[key] - one[key]) / steps;
  yield {
    figure: 'a RUN step over docker run of the same command, guest instructions',
    value: round(perStep('instructions') / run.instructions),
    unit: 'ratio',
    target: 1.3,
    step: round(perStep('instructions') / 1e6),
    run: round(run.instructions / 1e6),
    ratioOfMilliseconds: round(perStep('milliseconds') / run.milliseconds),
  };

  await write('copy', 'FROM busybox\\nCOPY . /files/\\n');
  await write('from', 'FROM busybox\\n');
  const [empty, few] = [await times(build('from', 'none', '--no-cache'), 5), await times(build('copy', 'few', '--no-cache'), 5)];
  yield {
    figure: 'a COPY step of 100 files, what is sent and received included',
    value: round(few.milliseconds - empty.milliseconds),
    unit: 'ms',
    target: 150,
    whole: round(few.milliseconds),
    instructions: round((few.instructions - empty.instructions) / 1e6),
  };
  const many = await times(build('copy', 'many'), 5);
  yield {
    figure: 'a COPY step of 2000 unchanged files, what is sent and received included',
    value: round(many.milliseconds - empty.milliseconds),
    unit: 'ms',
    target: 300,
    whole: round(many.milliseconds),
    instructions: round((many.instructions - empty.instructions) / 1e6),
  };
  const cached = await times(build('more', 'none'), 5);
  yield { figure: `a build of ${steps + 1} steps that are all cached`, value: round(cached.milliseconds), unit: 'ms' };
}
