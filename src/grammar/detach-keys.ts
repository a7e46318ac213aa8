import { concatBytes } from '../base/bytes.ts';
import { AppError } from '../base/errors.ts';
import type { Steps } from '../base/steps.ts';

const punctuation: Readonly<Record<string, number>> = { '@': 0, '[': 27, '\\': 28, ']': 29, '^': 30, _: 31 };
const defaultKeys = new Uint8Array([16, 17]);

/** "ctrl-p,ctrl-q" as bytes (moby: term.ToBytes); '' is the default. @throws AppError invalid */
export function parseDetachKeys(text: string, steps?: Steps): Uint8Array {
  if (text === '') return defaultKeys;
  return Uint8Array.from(text.split(','), (key) => {
    steps?.take(1 + key.length);
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
  push(chunk: Uint8Array, steps?: Steps): { readonly forward: Uint8Array; readonly detached: boolean };
  /** The input is at its end: what was held back goes on after all. */
  flush(): Uint8Array;
}

/**
 * Finds the sequence in what is typed, in one piece or in many, and holds back what may be its beginning (moby/term, EscapeProxy, whose rule for a key that
 * breaks the sequence is kept: it does not begin a new one).
 */
export function watchDetachKeys(keys: Uint8Array): DetachWatch {
  let matched = 0;
  return {
    push(chunk, steps) {
      const pieces: Uint8Array[] = [];
      /** From where of the chunk nothing was passed on yet. */
      let kept = 0;
      for (let at = 0; at < chunk.length; at += 1) {
        steps?.take();
        if (chunk[at] !== keys[matched]) {
          if (matched === 0) continue;
          // What was held back: of earlier pieces, and of this one up to here.
          steps?.take(matched);
          pieces.push(keys.slice(0, matched));
          kept = at;
          matched = 0;
          continue;
        }
        if (matched === 0) pieces.push(chunk.subarray(kept, at));
        matched += 1;
        kept = at + 1;
        if (matched === keys.length) return { forward: concatBytes(pieces), detached: true };
      }
      if (kept < chunk.length) pieces.push(chunk.subarray(kept));
      return { forward: concatBytes(pieces), detached: false };
    },
    flush: () => keys.slice(0, matched),
  };
}
