import { expect, test } from 'vitest';
import { loadTutorials } from './load-tutorial.ts';
import { renderProse } from './prose.ts';
import { resolveTutorial } from '../session/resolve-tutorial.ts';

const manifest = `
id: first
version: 1
title: First
summary: One.
learned: [It works.]
track: use
level: 1
minutes: 5
needs: []
requires: [engine]
images: [busybox]
vars: { WORD: { pick: [a, b] } }
terminals: 1
steps: [one, two]
`;
const one = `---
id: one
title: One
kind: do
check: { event: { type: container, action: die, image: busybox } }
solution: [{ run: "docker run busybox echo \${WORD}" }]
---
Say \${WORD}:

\`\`\`sh run
docker run busybox echo \${WORD}
\`\`\`

\`\`\`text sample
\${WORD}
\`\`\`
`;
const trials = 'reject: { pulled: { run: [docker pull busybox] } }';
const two = `---
id: two
title: Two
kind: look
check: { image: { name: busybox } }
solution: [{ run: docker images }]
---
Look.
`;
const files = {
  '/t/first/tutorial.yaml': manifest,
  '/t/first/steps/10-one.md': one,
  '/t/first/steps/10-one.trials.yaml': trials,
  '/t/first/steps/20-two.md': two,
  '/t/first/seed/app/a.txt': 'hello ${WORD}',
};

const problemsOf = (changes: Readonly<Record<string, string>>): string =>
  loadTutorials({ ...files, ...changes })
    .broken.flatMap(({ problems }) => problems)
    .join('\n');
const edit = (path: keyof typeof files, from: string, to: string): Record<string, string> => {
  expect(files[path]).toContain(from);
  return { [path]: files[path].replace(from, to) };
};

test('a tutorial is loaded from text by path, wherever the paths begin', () => {
  const { tutorials, broken } = loadTutorials({ ...files, '/t/README.md': 'not a tutorial' });
  expect([tutorials.length, broken]).toEqual([1, []]);
  const tutorial = tutorials[0]?.tutorial;
  expect(tutorial?.steps.map(({ front, needs }) => [front.id, needs])).toEqual([
    ['one', []],
    ['two', ['one']],
  ]);
  expect(tutorial?.seed).toEqual([{ path: '/lab/app/a.txt', text: 'hello ${WORD}' }]);
});

test('a check of a container may be the very same question as that of an earlier step about a process', () => {
  const asked = 'check: { all: [{ process: { tty: true, nsPid: 1, mounts: { /: { type: overlay } } } }] }';
  const like = (step: string, question: string): Record<string, string> => ({
    ...edit(
      '/t/first/steps/20-two.md',
      'check: { image: { name: busybox } }',
      `check: { kernel: { of: 'container:web', uid: 0, like: ${step} } }`,
    ),
    '/t/first/steps/10-one.md': files['/t/first/steps/10-one.md'].replace(/^check: .*(\n {2}.*)*$/m, question),
  });
  const { tutorials, broken } = loadTutorials({ ...files, ...like('one', asked) });
  expect(broken).toEqual([]);
  expect(tutorials[0]?.tutorial.steps[1]?.front.check).toEqual({
    kernel: { of: 'container:web', uid: 0, nsPid: 1, mounts: { '/': { type: 'overlay' } } },
  });
  expect(problemsOf(like('none', asked))).toContain('20-two.md: like: none is not an earlier step');
  expect(problemsOf(like('one', 'check: { image: { name: nginx } }'))).toContain('20-two.md: like: one asks nothing of a process');
});

test('variables are put into text, checks, solutions and seed alike', () => {
  const tutorial = loadTutorials(files).tutorials[0]?.tutorial;
  if (tutorial === undefined) throw new Error('none');
  const { vars, steps, files: seed } = resolveTutorial(tutorial, 'x');
  const word = vars['WORD'] ?? '';
  expect(steps[0]?.front.solution).toEqual([{ run: `docker run busybox echo ${word}` }]);
  expect(steps[0]?.blocks).toEqual([
    { kind: 'html', html: `<p>Say ${word}:</p>` },
    { kind: 'run', command: `docker run busybox echo ${word}` },
    { kind: 'sample', text: word },
  ]);
  expect(seed[0]?.text).toBe(`hello ${word}`);
});

test('a button may be a line that is typed without waiting for its end', () => {
  const typed = edit('/t/first/steps/10-one.md', 'run: "docker run busybox echo ${WORD}"', 'type: "docker run busybox echo ${WORD}\\n"');
  expect(problemsOf(typed)).toBe('');
  expect(
    problemsOf(edit('/t/first/steps/10-one.md', 'run: "docker run busybox echo ${WORD}"', 'type: "docker run busybox echo ${WORD}"')),
  ).toBe('/t/first/steps/10-one.md: prose: docker run busybox echo ${WORD} is no line of the solution');
});

test.each<[string, Record<string, string>, string]>([
  [
    'an unknown key of the manifest',
    edit('/t/first/tutorial.yaml', 'version: 1', 'version: 1\nversoin: 2'),
    '/t/first/tutorial.yaml: (top): Unrecognized key: "versoin"',
  ],
  [
    'an unknown key of a predicate',
    edit('/t/first/steps/10-one.md', 'image: busybox', 'imgae: busybox'),
    '/t/first/steps/10-one.md: check.event: Unrecognized key: "imgae"',
  ],
  [
    'an unknown relation',
    edit('/t/first/steps/10-one.md', 'image: busybox', 'image: { equals: busybox }'),
    '/t/first/steps/10-one.md: check.event.image: Unrecognized key: "equals"',
  ],
  [
    'an unknown predicate',
    edit('/t/first/steps/10-one.md', '{ event: {', '{ evnet: {'),
    '/t/first/steps/10-one.md: check: Unrecognized key: "evnet"',
  ],
  [
    'two predicates in one',
    edit('/t/first/steps/20-two.md', '{ image:', '{ not: { image: { name: x } }, image:'),
    '/t/first/steps/20-two.md: check: exactly one of',
  ],
  [
    'an unknown directive',
    edit('/t/first/steps/20-two.md', '{ run: docker images }', '{ runn: docker images }'),
    '/t/first/steps/20-two.md: solution.0: Unrecognized key: "runn"',
  ],
  [
    'a wrong type',
    edit('/t/first/tutorial.yaml', 'minutes: 5', 'minutes: many'),
    '/t/first/tutorial.yaml: minutes: Invalid input: expected number',
  ],
  [
    'a key given twice',
    edit('/t/first/tutorial.yaml', 'version: 1', 'version: 1\nversion: 2'),
    '/t/first/tutorial.yaml: (top): Map keys must be unique',
  ],
  [
    'another id than the folder',
    edit('/t/first/tutorial.yaml', 'id: first', 'id: second'),
    '/t/first/tutorial.yaml: id: is second, the folder is first',
  ],
  [
    'another id than the file',
    edit('/t/first/steps/20-two.md', 'id: two', 'id: too'),
    '/t/first/steps/20-two.md: id: is too, the file is two',
  ],
  [
    'a step that is not listed',
    edit('/t/first/tutorial.yaml', '[one, two]', '[one]'),
    '/t/first/steps/20-two.md: (top): /t/first/tutorial.yaml does not list it',
  ],
  [
    'a listed step that is not there',
    edit('/t/first/tutorial.yaml', '[one, two]', '[one, two, three]'),
    '/t/first/tutorial.yaml: steps: there is no step three',
  ],
  [
    'numbers in another order',
    edit('/t/first/tutorial.yaml', '[one, two]', '[two, one]'),
    '/t/first/tutorial.yaml: steps: the numbers of the files give another order',
  ],
  [
    'a translation',
    { '/t/first/i18n/de/one.md': '---\ntitle: Eins\n---\nSag es.' },
    '/t/first/i18n/de/one.md: (top): nothing uses this file',
  ],
  [
    'a setup that is a command',
    edit('/t/first/steps/20-two.md', 'kind: look', 'kind: look\nsetup: [{ run: docker pull busybox }]'),
    '/t/first/steps/20-two.md: setup.0',
  ],
  [
    'a setup with an image that is not shipped',
    edit('/t/first/steps/20-two.md', 'kind: look', 'kind: look\nsetup: [{ create: { name: app, image: nginx } }]'),
    '/t/first/steps/20-two.md: setup.0: the image nginx is not among images',
  ],
  [
    'a setup that starts what nobody created',
    edit('/t/first/tutorial.yaml', 'terminals: 1', 'terminals: 1\nsetup: [{ start: app }]'),
    '/t/first/tutorial.yaml: setup.0: no setup creates app before',
  ],
  [
    'a setup that creates one thing twice',
    edit(
      '/t/first/tutorial.yaml',
      'terminals: 1',
      'terminals: 1\nsetup: [{ create: { name: a, image: busybox } }, { create: { name: a, image: busybox } }]',
    ),
    '/t/first/tutorial.yaml: setup.1: a is created twice',
  ],
  [
    "a container that the tutorial's setup does not create",
    edit('/t/first/steps/20-two.md', 'kind: look', 'kind: look\nsetup: [{ create: app }]'),
    "/t/first/steps/20-two.md: setup.0: the tutorial's setup creates no app",
  ],
  [
    'a variable of the setup that there is not',
    edit('/t/first/tutorial.yaml', 'terminals: 1', 'terminals: 1\nsetup: [{ files: { /a: "${NONE}" } }]'),
    '/t/first/tutorial.yaml: setup: ${NONE} is no variable of the tutorial',
  ],
  [
    'a capability that there is no word for',
    edit('/t/first/tutorial.yaml', '[engine]', '[engine, gpu.smi]'),
    '/t/first/tutorial.yaml: requires.1: Invalid option',
  ],
  [
    'trials of a step that is not there',
    { '/t/first/steps/30-three.trials.yaml': '{}' },
    '/t/first/steps/30-three.trials.yaml: (top): nothing uses this file',
  ],
  [
    'an unknown key of the trials',
    edit('/t/first/steps/10-one.trials.yaml', 'run:', 'runs:'),
    '/t/first/steps/10-one.trials.yaml: reject.pulled: Unrecognized key: "runs"',
  ],
  [
    'a variable in a link',
    edit('/t/first/steps/20-two.md', 'Look.', '[Look](https://example.org/${WORD}).'),
    '/t/first/steps/20-two.md: prose: link to https://example.org/',
  ],
  ['a file that nothing uses', { '/t/first/steps/verify.sh': '' }, '/t/first/steps/verify.sh: (top): nothing uses this file'],
  [
    'a variable that does not exist',
    edit('/t/first/steps/20-two.md', 'Look.', 'Look ${WRD}.'),
    '/t/first/steps/20-two.md: (top): ${WRD} is no variable of the tutorial',
  ],
  [
    'a need of a later step',
    edit('/t/first/steps/10-one.md', 'kind: do', 'kind: do\nneeds: [two]'),
    '/t/first/steps/10-one.md: needs: two is not an earlier step',
  ],
  [
    'a button that is no line of the solution',
    edit('/t/first/steps/10-one.md', 'run\ndocker run', 'run\ndocker  run'),
    '/t/first/steps/10-one.md: prose: docker  run busybox echo ${WORD} is no line of the solution',
  ],
  [
    'no near miss',
    edit('/t/first/steps/10-one.trials.yaml', trials, '{}'),
    '/t/first/steps/10-one.trials.yaml: reject: a step of kind do needs at least one near miss',
  ],
  [
    'a near miss with a hint that is not there',
    edit('/t/first/steps/10-one.trials.yaml', 'busybox] }', 'busybox], hint: later }'),
    '/t/first/steps/10-one.trials.yaml: reject.pulled: there is no hint later with a when',
  ],
  [
    'something gone without a baseline',
    edit(
      '/t/first/steps/20-two.md',
      '{ image: { name: busybox } }',
      '{ all: [{ image: { name: busybox } }, { not: { container: { name: web } } }] }',
    ),
    '/t/first/steps/20-two.md: was: what must be gone',
  ],
  [
    'an answer without a question',
    edit('/t/first/steps/20-two.md', 'kind: look', 'kind: answer'),
    '/t/first/steps/20-two.md: question: kind answer and question go together',
  ],
  [
    'an answer that is no fact',
    edit('/t/first/steps/20-two.md', '{ image: { name: busybox } }', '{ answer: { equals: { container: web, field: colour } } }'),
    '/t/first/steps/20-two.md: check: colour is no field',
  ],
  [
    'a fact of two things',
    edit('/t/first/steps/20-two.md', '{ image: { name: busybox } }', '{ answer: { equals: { container: web, image: a, field: id } } }'),
    '/t/first/steps/20-two.md: check.answer.equals: a fact is one of container, image, network, number, guest, shared, processes',
  ],
  [
    'a terminal too many',
    edit('/t/first/steps/20-two.md', '{ run: docker images }', '{ run: docker images, terminal: 2 }'),
    '/t/first/steps/20-two.md: solution: there is no terminal 2',
  ],
  ['no front matter', { '/t/first/steps/20-two.md': 'Look.' }, '/t/first/steps/20-two.md: (top): front matter'],
  [
    'raw HTML',
    edit('/t/first/steps/20-two.md', 'Look.', 'Look <img src=x onerror=alert(1)>.'),
    '/t/first/steps/20-two.md: prose: raw HTML',
  ],
])('%s is an error that names file and path', (_, changes, message) => {
  expect(problemsOf(changes)).toContain(message);
});

test('all that is wrong is told at once', () => {
  const told = problemsOf({
    ...edit('/t/first/tutorial.yaml', 'level: 1', 'level: 9'),
    ...edit('/t/first/steps/20-two.md', 'kind: look', 'kind: watch'),
  });
  expect(told.split('\n').map((line) => line.split(': ').slice(0, 2).join(': '))).toEqual([
    '/t/first/tutorial.yaml: level',
    '/t/first/steps/20-two.md: kind',
  ]);
});

test('a broken tutorial is no concern of the others', () => {
  const others = Object.fromEntries(
    Object.entries(files).map(([path, text]) => [path.replace('/first/', '/second/'), text.replace('id: first', 'id: second')]),
  );
  const { tutorials, broken } = loadTutorials({ ...files, ...others, ...edit('/t/first/tutorial.yaml', 'level: 1', 'level: 9') });
  expect(tutorials.map(({ tutorial }) => tutorial.manifest.id)).toEqual(['second']);
  expect(broken).toEqual([{ id: 'first', problems: [expect.stringContaining('/t/first/tutorial.yaml: level: ')] }]);
});

test('what a variable is drawn as is text, whatever it holds', () => {
  const [loaded] = loadTutorials({ ...files, ...edit('/t/first/tutorial.yaml', '[a, b]', "['<b>&', '<b>&', '<b>&']") }).tutorials;
  if (loaded === undefined) throw new Error('none');
  expect(resolveTutorial(loaded.tutorial, 'x').steps[0]?.blocks.slice(0, 2)).toEqual([
    { kind: 'html', html: '<p>Say &lt;b&gt;&amp;:</p>' },
    { kind: 'run', command: 'docker run busybox echo <b>&' },
  ]);
});

test('prose becomes blocks that are safe to show', () => {
  expect(renderProse('A **b** `<i>` & [c](https://example.org "t") [d](#e)\n\n```sh\nls\n```\n\n- f', 'x.md')).toEqual([
    {
      kind: 'html',
      html: '<p>A <strong>b</strong> <code>&lt;i&gt;</code> &amp; <a href="https://example.org" title="t">c</a> <a href="#e">d</a></p>',
    },
    { kind: 'code', language: 'sh', text: 'ls' },
    { kind: 'html', html: '<ul>\n<li>f</li>\n</ul>' },
  ]);
});

test.each([
  ['<script>alert(1)</script>'],
  ['a <b>c</b>'],
  ['- <img src=x>'],
  ['> <svg onload=x>'],
  ['[a](javascript:alert(1))'],
  ['[a](http://example.org)'],
  ['[a](//example.org)'],
  ['![a](https://example.org/x.png)'],
  ['[a]: javascript:x\n\n[a]'],
  ['| a |\n| - |\n| <b>x</b> |'],
  ['```sh run\nls\npwd\n```'],
  ['```text run\nls\n```'],
  ['```sh rum\nls\n```'],
])('%s is refused', (prose) => {
  expect(() => renderProse(prose, 'x.md')).toThrow(/^x\.md: prose: /);
});
