import { Terminal } from '@xterm/xterm';
import { expect, test } from 'vitest';
import { PromptMarks } from './prompt-marks.ts';

const prompt = '\x1b]133;A;aid=drydock\x07\x1b[1;32mroot@drydock\x1b[0m:~# \x1b]133;B;aid=drydock\x07';

function open(columns = 40) {
  const terminal = new Terminal({ cols: columns, rows: 6, allowProposedApi: true });
  const marks = new PromptMarks(terminal);
  return { terminal, marks, write: (text: string) => new Promise<void>((resolve) => terminal.write(text, resolve)) };
}

test('a prompt stands when the shell has marked its end, whatever it looks like', async () => {
  const { marks, write } = open();
  expect(marks.standing()).toBe(null);
  await write('\x1b]133;A;aid=drydock\x07you? \x1b]133;B;cl=m;aid=drydock\x07');
  expect(marks.standing()).toBe('prompt');
});

test('what is typed behind it is told from an empty line, and erased again', async () => {
  const { marks, write } = open();
  await write(`${prompt}ls`);
  expect(marks.standing()).toBe('typed');
  await write('\b \b\b \b');
  expect(marks.standing()).toBe('prompt');
});

test('a text that looks like the prompt is none, and neither is the mark of a shell in a container', async () => {
  const { marks, write } = open();
  await write('root@drydock:~# ');
  expect(marks.standing()).toBe(null);
  await write('\r\n\x1b]133;A\x07/ # \x1b]133;B\x07');
  expect(marks.standing()).toBe(null);
});

test('after Enter there is no prompt until the shell marks the next, even when a program clears the screen', async () => {
  const { marks, write } = open();
  await write(`${prompt}clear`);
  marks.lineSent();
  await write('\x1b[H\x1b[2J/ # ');
  expect(marks.standing()).toBe(null);
  await write(`\r\n${prompt}`);
  expect(marks.standing()).toBe('prompt');
});

test('it stands after the window became narrower than the prompt, and a long line that wraps is typed on it', async () => {
  const { terminal, marks, write } = open();
  await write(`one\r\n${prompt}`);
  terminal.resize(10, 6);
  expect(marks.standing()).toBe('prompt');
  terminal.resize(20, 6);
  await write(`\r\n${prompt}a long line that wraps`);
  expect(marks.standing()).toBe('typed');
});
