import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compactJson, indentJson, isObject, JsonView, parseJson, writeJson, type Json } from './json.ts';

/** As JSON.parse reads numbers. */
function rounded(json: Json): unknown {
  if (typeof json === 'bigint') return Number(json);
  if (Array.isArray(json)) return json.map(rounded);
  return isObject(json) ? Object.fromEntries(Object.entries(json).map(([key, value]) => [key, rounded(value)])) : json;
}

describe('parseJson', () => {
  it('keeps whole numbers beyond 2^53 exact', () => {
    expect(parseJson('{"timeNano":1714558830123456789,"n":5}')).toEqual({ timeNano: 1714558830123456789n, n: 5 });
  });

  it('agrees with JSON.parse on everything else', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        expect(rounded(parseJson(text))).toEqual(JSON.parse(text));
      }),
    );
  });

  it.each(['', '{', '[1,]', '{"a" 1}', '01', '"a', 'nul', '1 2'])('refuses %j', (text) => {
    expect(() => parseJson(text)).toThrow(SyntaxError);
  });

  it('takes a key named __proto__ as a key', () => {
    expect(Object.keys(Object(parseJson('{"__proto__":1}')))).toEqual(['__proto__']);
  });
});

describe('indentJson and compactJson', () => {
  it('lay out what JSON.stringify would, without touching a token', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(indentJson(JSON.stringify(value), '    ')).toBe(JSON.stringify(value, null, 4));
        expect(compactJson(JSON.stringify(value, null, 2))).toBe(JSON.stringify(value));
      }),
    );
  });

  it('leave escapes and long numbers as they were written', () => {
    expect(indentJson('{"a":"\\u003c","n":12345678901234567890,"e":{ }}', '  ')).toBe(
      '{\n  "a": "\\u003c",\n  "n": 12345678901234567890,\n  "e": {}\n}',
    );
  });
});

describe('JsonView', () => {
  it('gives zero values for what is absent, null or of another type', () => {
    const view = new JsonView({ text: 5, list: null });
    expect([view.string('text'), view.number('nope'), view.bool('text'), view.strings('list'), view.get('a').get('b').string('c')]).toEqual(
      ['', 0, false, [], ''],
    );
  });
});

describe('names that every object has', () => {
  const text = '{"__proto__":{"a":1},"constructor":"c","toString":"t"}';

  it('are members like any other, and are not there when they were not sent', () => {
    const view = new JsonView(parseJson(text));
    expect(view.string('constructor')).toBe('c');
    expect(view.get('__proto__').number('a')).toBe(1);
    expect(view.entries('__proto__').map(([name]) => name)).toEqual(['a']);
    expect(new JsonView(parseJson('{}')).get('constructor').isNull).toBe(true);
    expect(Reflect.get({}, 'a')).toBeUndefined();
    expect(writeJson(parseJson(text))).toBe(text);
  });
});

describe('JSON of any size', () => {
  it('is refused when it nests without end', () => {
    expect(() => parseJson('['.repeat(100_000))).toThrow('exceeded max depth');
  });

  it('has its whole numbers in all their digits', () => {
    expect(writeJson({ a: 9007199254740993n, b: 2 ** 63, c: 1.5, d: undefined, e: [null, 'x'] })).toBe(
      '{"a":9007199254740993,"b":9223372036854775808,"c":1.5,"e":[null,"x"]}',
    );
  });
});
