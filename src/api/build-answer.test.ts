import { expect, test } from 'vitest';
import { fromUtf8, utf8 } from '../base/bytes.ts';
import { readAll, type ByteSource } from '../base/streams.ts';
import { decodeBase64Bytes } from '../grammar/base64.ts';
import type { BuildFailure, BuildLog, BuildMessage, BuildResult, BuildVertex } from '../protocol/build-progress.ts';
import { decodeTrace } from '../protocol/buildkit/trace.ts';
import type { Source } from './backend.ts';
import { classicAnswer, tracedAnswer } from './build-answer.ts';

const vertex = (name: string, more: Partial<BuildVertex> = {}): BuildVertex => ({
  kind: 'vertex',
  digest: `sha256:${name}`,
  inputs: [],
  name,
  started: 1n,
  completed: null,
  cached: false,
  error: '',
  ...more,
});
const log = (name: string, text: string): BuildLog => ({
  kind: 'log',
  vertex: `sha256:${name}`,
  stream: 'stdout',
  data: utf8(text),
  timestamp: 2n,
});
const id = `sha256:${'abcdef012345'.padEnd(64, '0')}`;
const image = (more: Partial<BuildResult> = {}): BuildResult => ({ kind: 'image', id, names: [], unusedArguments: [], ...more });
const failure = (more: Partial<BuildFailure> = {}): BuildFailure => ({
  kind: 'failure',
  message: 'it went wrong',
  exit: null,
  source: null,
  ...more,
});

function told(messages: readonly BuildMessage[]): Source<BuildMessage> & { readonly left: readonly BuildMessage[]; cancelled: boolean } {
  const left = [...messages];
  return {
    left,
    cancelled: false,
    read: () => Promise.resolve(left.shift() ?? null),
    cancel() {
      this.cancelled = true;
    },
  };
}

async function linesOf(answer: ByteSource): Promise<readonly unknown[]> {
  const text = fromUtf8(await readAll(answer));
  expect(text.endsWith('\r\n')).toBe(true);
  return text
    .split('\r\n')
    .slice(0, -1)
    .map((line): unknown => JSON.parse(line));
}

const classic = async (messages: readonly BuildMessage[], isQuiet = false) => linesOf(await classicAnswer(told(messages), { isQuiet }));

test('the classic answer has steps, what they say, the ID and the names; nothing of what the builder does for itself', async () => {
  const step = '[2/2] RUN echo hi';
  const answer = await classic([
    vertex('[internal] load build context'),
    log('[internal] load build context', 'unseen'),
    vertex('[1/2] FROM docker.io/library/busybox:latest'),
    vertex(step),
    log(step, 'hi\n'),
    vertex(step, { completed: 3n }),
    vertex('exporting to image'),
    image({ names: ['web:latest', 'web:1'] }),
  ]);
  expect(answer).toEqual([
    { stream: 'Step 1/2 : FROM docker.io/library/busybox:latest' },
    { stream: '\n' },
    { stream: 'Step 2/2 : RUN echo hi' },
    { stream: '\n' },
    { stream: 'hi\n' },
    { aux: { ID: id } },
    { stream: 'Successfully built abcdef012345\n' },
    { stream: 'Successfully tagged web:latest\n' },
    { stream: 'Successfully tagged web:1\n' },
  ]);
});

test('a step of a stage with a name is told by its number, one from the cache says so, and so are arguments that nobody took', async () => {
  const answer = await classic([vertex('[base 3/4] COPY a /', { cached: true }), image({ unusedArguments: ['A', 'B'] })]);
  expect(answer.slice(0, 3)).toEqual([{ stream: 'Step 3/4 : COPY a /' }, { stream: '\n' }, { stream: ' ---> Using cache\n' }]);
  expect(answer).toContainEqual({ stream: '[Warning] One or more build-args [A B] were not consumed\n' });
});

test('quiet, it has the ID and nothing else', async () => {
  const answer = await classic([vertex('[1/1] RUN x'), log('[1/1] RUN x', 'hi'), image({ names: ['web:latest'] })], true);
  expect(answer).toEqual([{ aux: { ID: id } }, { stream: `${id}\n` }]);
});

test('quiet, it has all that was said where it fails', async () => {
  const answer = await classic([vertex('[1/1] RUN x'), log('[1/1] RUN x', 'hi'), failure()], true);
  const failed = { errorDetail: { message: 'it went wrong' }, error: 'it went wrong' };
  expect(answer).toEqual([{ stream: 'Step 1/1 : RUN x' }, { stream: '\n' }, { stream: 'hi' }, failed]);
});

test('a failure before the first line is the status of the answer', async () => {
  const messages = [vertex('[internal] load build context'), failure()];
  await expect(classicAnswer(told(messages), { isQuiet: false })).rejects.toMatchObject({ kind: 'invalid', message: 'it went wrong' });
});

test('a failure after the first line is the last line; that of a command has its exit status', async () => {
  const first = vertex('[1/2] RUN x');
  expect((await classic([first, failure()])).at(-1)).toEqual({ errorDetail: { message: 'it went wrong' }, error: 'it went wrong' });
  const message = "The command '/bin/sh -c exit 3' returned a non-zero code: 3";
  expect((await classic([first, failure({ exit: { code: 3, command: '/bin/sh -c exit 3' } })])).at(-1)).toEqual({
    errorDetail: { code: 3, message },
    error: message,
  });
});

test("BuildKit's answer has every message as a trace, and the image apart", async () => {
  const messages = [vertex('[1/1] RUN x'), log('[1/1] RUN x', 'hi\n')] as const;
  const answer = await linesOf(tracedAnswer(told([...messages, image()])));
  const traces = answer.slice(0, 2) as readonly { readonly id: string; readonly aux: string }[];
  expect(traces.map((line) => line.id)).toEqual(['moby.buildkit.trace', 'moby.buildkit.trace']);
  expect(traces.flatMap(({ aux }) => decodeTrace(decodeBase64Bytes(aux)))).toEqual(messages);
  expect(answer.slice(2)).toEqual([{ id: 'moby.image.id', aux: { ID: id } }]);
});

test("BuildKit's answer ends with the failure, and where it is in the Dockerfile", async () => {
  const source = { filename: 'Dockerfile', lines: { start: 2, end: 3 } };
  expect(await linesOf(tracedAnswer(told([failure({ source })])))).toEqual([
    { errorDetail: { source, message: 'it went wrong' }, error: 'it went wrong' },
  ]);
});

test('who goes away calls the build off', async () => {
  const messages = told([vertex('[1/1] RUN x'), image()]);
  const answer = await classicAnswer(messages, { isQuiet: false });
  answer.cancel();
  expect(messages.cancelled).toBe(true);
});
