import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import en from './en.json' with { type: 'json' };
import { formatMessage } from './format-message.ts';
import { formatBytes } from './messages.ts';

const ui = new URL('..', import.meta.url);

describe('messages', () => {
  test('a placeholder is filled and an unknown one stays to be found', () => {
    expect(formatMessage('{name} has {what}', { name: 'web' })).toBe('web has {what}');
  });

  test('a plural is chosen by the rules of the language, an exact number first', () => {
    const message = '{count, plural, =0 {nothing} one {# thing} other {# things}}';
    expect([0, 1, 2].map((count) => formatMessage(message, { count }))).toEqual(['nothing', '1 thing', '2 things']);
  });

  test('bytes are megabytes with one digit', () => {
    expect(formatBytes(11_340_000)).toBe('11.3 MB');
  });

  test('every message of the catalogue is used somewhere', () => {
    const sources = readdirSync(ui, { recursive: true, encoding: 'utf8' })
      .filter((name) => /\.(ts|svelte)$/.test(name) && !name.endsWith('.test.ts'))
      .map((name) => readFileSync(new URL(name, ui), 'utf8'))
      .join('\n');
    const used = (key: string): boolean => {
      const prefix = key.slice(0, key.lastIndexOf('.') + 1);
      const [first = '', ...rest] = key.split('.');
      // A template with one part of the key, or all behind its first word, left open.
      const open = rest.map((_, index) =>
        `\`${[first, ...rest.map((part, at) => (at === index ? '${' : part))].join('.')}`.replace(/\$\{.*/, '${'),
      );
      return sources.includes(`'${key}'`) || (prefix !== '' && open.some((template) => sources.includes(template)));
    };
    expect(Object.keys(en).filter((key) => !used(key))).toEqual([]);
  });
});
