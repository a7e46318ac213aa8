import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { expect, test } from 'vitest';
import { agentFiles } from './agent-header.ts';

const files = agentFiles();

test.each(files.map((file) => ({ ...file, name: basename(file.url.pathname) })))(
  'kernel/agent/wire/$name is what scripts/agent-header.ts writes',
  ({ url, text }) => {
    expect(readFileSync(url, 'utf8')).toBe(text);
  },
);

test('a record of records comes after the records that it is made of', () => {
  const header = files.find((file) => file.url.pathname.endsWith('spec.h'))?.text ?? '';
  const at = (name: string): number => header.indexOf(`struct ${name}_spec {`);
  expect(at('rlimit')).toBeGreaterThan(0);
  expect(at('rlimit')).toBeLessThan(at('process'));
  expect(at('process')).toBeLessThan(at('container'));
});
