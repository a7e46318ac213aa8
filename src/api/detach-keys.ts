import { AppError } from '../base/errors.ts';

const punctuation: Readonly<Record<string, number>> = { '@': 0, '[': 27, '\\': 28, ']': 29, '^': 30, _: 31 };
const defaultKeys = new Uint8Array([16, 17]);

/** "ctrl-p,ctrl-q" as bytes (moby: term.ToBytes); '' is the default. @throws AppError invalid */
export function parseDetachKeys(text: string): Uint8Array {
  if (text === '') return defaultKeys;
  return Uint8Array.from(text.split(','), (key) => {
    const code = keyCode(key);
    if (code === undefined) throw new AppError('invalid', `Invalid detach keys (${text}) provided`);
    return code;
  });
}

function keyCode(key: string): number | undefined {
  if (key.length === 1 && key < '\x80') return key.charCodeAt(0);
  const control = /^ctrl-(.)$/.exec(key)?.[1];
  if (control === undefined) return key === 'DEL' ? 127 : undefined;
  return /[a-z]/.test(control) ? control.charCodeAt(0) - 96 : punctuation[control];
}

export interface DetachWatch {
  /** What goes on to the process; `detached` when the sequence is complete, the rest is dropped. */
  push(chunk: Uint8Array): { readonly forward: Uint8Array; readonly detached: boolean };
  /** The input is at its end: what was held back goes on after all. */
  flush(): Uint8Array;
}

/** Holds back what may be the beginning of the sequence, as moby's EscapeProxy does, but looks inside larger pieces too. */
export function watchDetachKeys(keys: Uint8Array): DetachWatch {
  let matched = 0;
  return {
    push(chunk) {
      const forward: number[] = [];
      for (const byte of chunk) {
        if (byte !== keys[matched] && matched > 0) {
          forward.push(...keys.subarray(0, matched));
          matched = 0;
        }
        if (byte === keys[matched]) matched += 1;
        else forward.push(byte);
        if (matched === keys.length) return { forward: Uint8Array.from(forward), detached: true };
      }
      return { forward: Uint8Array.from(forward), detached: false };
    },
    flush: () => keys.slice(0, matched),
  };
}
