/** `docker build` over what a real engine answered, and what buildx shows of it. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { FakeSession, type FakeSessionOptions, type FinishedSession } from '../testing/fake-session.ts';
import { answering } from '../testing/recorded-engine.ts';
import { sourceExcerpt } from './summary.ts';

type Recorded = 'cached' | 'failed' | 'parallel' | 'parse' | 'success';

const folder = new URL('../../../test/conformance/build-answers/', import.meta.url);

/** The Dockerfile goes in by standard input, as `docker build -` takes it. */
function build(name: Recorded, flags: readonly string[], more: Partial<FakeSessionOptions> = {}): Promise<FinishedSession> {
  const text = (file: string): string => readFileSync(new URL(file, folder), 'utf8');
  return new FakeSession({
    engine: answering({ 'POST /build': text(`${name}.jsonl`) }),
    args: ['build', ...flags, '-'],
    stdin: text(`${name === 'cached' ? 'success' : name}.dockerfile`),
    ...more,
  }).finished;
}

/** Without times, which are those of the recording. */
function timeless(text: string): string {
  return text.replaceAll(/\b\d+\.\d+(?=s\b)/g, 'T').replaceAll(/^(#\d+ )?\d+\.\d{3} /gm, '$1T ');
}

describe('--progress plain', () => {
  test('shows the steps of a build that succeeds, and then its warnings', async () => {
    const { status, stdout, stderr } = await build('success', []);
    expect([status, stdout]).toEqual([0, '']);
    const text = timeless(stderr);
    expect(text).toMatch(/^#0 building with "default" instance using docker driver\n\n#1 \[internal\] load remote build context\n/);
    expect(text).toMatch(/\n\n#(\d+) \[2\/3\] RUN echo hello && echo err >&2\n#\1 T hello\n#\1 T err\n#\1 DONE Ts\n\n/);
    expect(text).toMatch(
      /\n#(\d+) exporting to image\n#\1 exporting layers Ts done\n#\1 writing image sha256:[0-9a-f]{64} done\n#\1 naming to docker.io\/library\/cli-ok:latest done\n#\1 DONE Ts\n/,
    );
    const words = 'JSONArgsRecommended: JSON arguments recommended for CMD to prevent unintended behavior related to OS signals (line 4)';
    expect(text.endsWith(`\n\n \x1b[33m1 warning found (use docker --debug to expand):\n\x1b[0m - ${words}\n`)).toBe(true);
  });

  test('says CACHED of steps that did not run', async () => {
    const { status, stderr } = await build('cached', ['--progress', 'plain']);
    expect(status).toBe(0);
    expect(stderr).toMatch(/^#(\d+) \[2\/3\] RUN .*\n#\1 CACHED$/m);
    expect(stderr).toMatch(/^#(\d+) \[3\/3\] COPY .*\n#\1 CACHED$/m);
    expect(stderr).not.toContain('hello\n');
  });

  test('shows of a step that fails what it wrote, once more below, and exits with 1', async () => {
    const { status, stderr } = await build('failed', ['--progress=plain']);
    expect(status).toBe(1);
    expect(timeless(stderr.slice(stderr.indexOf('RUN echo out')))).toMatchInlineSnapshot(`
      "RUN echo out && echo bad >&2 && exit 3
      #5 T out
      #5 T bad
      #5 ERROR: process "/bin/sh -c echo out && echo bad >&2 && exit 3" did not complete successfully: exit code: 3
      ------
       > [3/4] RUN echo out && echo bad >&2 && exit 3:
      T out
      T bad
      ------
      ERROR: failed to build: failed to solve: process "/bin/sh -c echo out && echo bad >&2 && exit 3" did not complete successfully: exit code: 3
      "
    `);
  });

  test('ends with the parse error of a Dockerfile that is none', async () => {
    const { status, stderr } = await build('parse', ['--progress=plain']);
    expect(status).toBe(1);
    expect(stderr).toMatch(
      /\nERROR: failed to build: failed to solve: dockerfile parse error on line 2: unknown instruction: RUNN \(did you mean RUN\?\)\n$/,
    );
  });

  test('gives each step a number of its own and shows each to its end, side by side as they run', async () => {
    const { stderr } = await build('parallel', ['--progress=plain']);
    const headed = [...stderr.matchAll(/^#(\d+) (\[.*)$/gm)];
    const names = new Map(headed.map(([, index = '', name = '']) => [name, index]));
    expect(new Set(names.values()).size).toBe(names.size);
    for (const [name, index] of names) expect(stderr, name).toMatch(new RegExp(`^#${index} (?:DONE|CACHED)`, 'm'));
  });
});

describe('-q', () => {
  test('prints the image ID and nothing else', async () => {
    const { status, stdout, stderr } = await build('success', ['-q']);
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/^sha256:[0-9a-f]{64}\n$/);
  });

  test('shows what the failed step wrote', async () => {
    const { status, stdout, stderr } = await build('failed', ['-q']);
    expect([status, stdout]).toEqual([1, '']);
    expect(stderr).toContain('------\n > [3/4] RUN echo out && echo bad >&2 && exit 3:\n');
  });
});

describe('--progress rawjson', () => {
  test('writes a line of JSON for each message, with BuildKit’s names and times', async () => {
    const { status, stderr } = await build('cached', ['--progress', 'rawjson']);
    expect(status).toBe(0);
    const lines = stderr.split('\n').filter((line) => line.startsWith('{'));
    const vertexes = lines.flatMap((line) => JSON.parse(line).vertexes ?? []);
    const step = vertexes.findLast(({ name }) => name.startsWith('[3/3] COPY'));
    expect(step).toMatchObject({ digest: expect.stringMatching(/^sha256:[0-9a-f]{64}$/), name: '[3/3] COPY a.txt /a', cached: true });
    expect(step.completed).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z$/);
  });
});

describe('--progress tty', () => {
  test('is refused where standard error is no terminal', async () => {
    const { status, stderr } = await build('success', ['--progress', 'tty']);
    expect([status, stderr]).toEqual([1, 'ERROR: failed to build: failed to get console: provided file is not a console\n']);
  });

  test('ends with every step, though the terminal has few rows, and shows the cursor again', async () => {
    const { status, stdout } = await build('success', [], { terminal: { rows: 4, columns: 80 } });
    expect(status).toBe(0);
    const last = stdout.slice(stdout.lastIndexOf('\x1b[?25l'));
    expect(last).toMatch(/^\x1b\[\?25l\[\+\] Building \d+\.\ds \((\d+)\/\1\) FINISHED +docker:default\n/);
    expect(last).toContain(' => [3/3] COPY a.txt /a ');
    expect(last).toContain('\x1b[?25h');
  });

  test('draws no line that is longer than the terminal is wide', async () => {
    const { stdout } = await build('success', [], { terminal: { rows: 24, columns: 40 } });
    const drawn = stdout.slice(0, stdout.lastIndexOf('\x1b[?25h')).replaceAll(/\x1b\[[0-9;?]*[A-Za-z]|\r/g, '');
    expect(drawn.split('\n').filter((line) => line.length > 40)).toEqual([]);
  });
});

describe('what is written besides', () => {
  test('is the image ID of --iidfile and the names of --metadata-file', async () => {
    const files = new Map<string, string>();
    await build('success', ['-t', 'app', '--iidfile', 'id', '--metadata-file', 'about.json'], { files });
    expect(files.get('id')).toMatch(/^sha256:[0-9a-f]{64}$/);
    expect(JSON.parse(files.get('about.json') ?? '')).toMatchObject({
      'containerimage.config.digest': files.get('id'),
      'image.name': 'docker.io/library/app:latest',
    });
  });

  test('is nothing where the build failed', async () => {
    const files = new Map<string, string>();
    await build('failed', ['--iidfile', 'id', '--metadata-file', 'about.json'], { files });
    expect([...files.keys()]).toEqual([]);
  });
});

describe('a context', () => {
  const asksNothing = (): Promise<never> => Promise.reject(new Error('the engine is asked nothing'));
  const refused = async (args: readonly string[], stdin = ''): Promise<string> => {
    const { status, stderr } = await new FakeSession({ engine: asksNothing, args: ['build', '--progress', 'plain', ...args], stdin })
      .finished;
    expect(status).toBe(1);
    return stderr;
  };

  test('that is not there is refused in buildx’s words', async () => {
    expect(await refused(['nope'])).toBe('ERROR: unable to prepare context: path "nope" not found\n');
  });

  test('and the Dockerfile cannot both be standard input', async () => {
    expect(await refused(['-f', '-', '-'])).toBe(
      "ERROR: failed to build: invalid argument: can't use stdin for both build context and dockerfile\n",
    );
  });

  test('without a Dockerfile is refused', async () => {
    expect(await refused(['.'])).toContain('failed to read dockerfile: open Dockerfile: no such file or directory\n');
  });

  test('is given once: buildx’s complaint of none names its own place', async () => {
    expect(await refused([])).toBe(
      "ERROR: docker: 'docker buildx build' requires 1 argument\n\nUsage:  docker buildx build [OPTIONS] PATH | URL | -\n\nRun 'docker buildx build --help' for more information\n",
    );
  });
});

test('the lines of a Dockerfile that failed stand among their neighbours, as BuildKit prints them', () => {
  const text = readFileSync(new URL('failed.dockerfile', folder), 'utf8');
  expect(sourceExcerpt('Dockerfile', text, { start: 3, end: 3 })).toBe(
    [
      'Dockerfile:3',
      '--------------------',
      '   1 |     FROM busybox',
      '   2 |     RUN echo before',
      '   3 | >>> RUN echo out && echo bad >&2 && exit 3',
      '   4 |     RUN echo never',
      '   5 |     ',
      '--------------------',
      '',
    ].join('\n'),
  );
});
