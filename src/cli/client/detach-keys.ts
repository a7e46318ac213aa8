import type { Steps } from '../../base/steps.ts';

/** ctrl-p ctrl-q */
export const defaultDetachKeys: readonly number[] = [16, 17];

/** `ctrl-p,q` as bytes; null if a key is not known (the client then falls back to its default). */
export function parseDetachKeys(text: string, steps?: Steps): readonly number[] | null {
  const keys: number[] = [];
  for (const name of text.split(',')) {
    steps?.take(1 + name.length);
    const control = /^ctrl-([a-z@[\]^_\\])$/.exec(name.toLowerCase())?.[1];
    if (name.length === 1) keys.push(name.charCodeAt(0));
    else if (control !== undefined) keys.push(control === '@' ? 0 : control.charCodeAt(0) & 0x1f);
    else return null;
  }
  return keys;
}

/** Finds the detach keys in what is typed, also when they come in pieces, and keeps them from the container (moby/term's escape proxy). */
export class DetachScanner {
  readonly #keys: readonly number[];
  #matched = 0;

  constructor(keys: readonly number[]) {
    this.#keys = keys;
  }

  /** @returns what to pass on, and whether the sequence is complete */
  scan(chunk: Uint8Array, steps?: Steps): { readonly pass: Uint8Array; readonly detached: boolean } {
    const pass: number[] = [];
    for (const byte of chunk) {
      if (byte === this.#keys[this.#matched]) {
        this.#matched++;
        if (this.#matched === this.#keys.length) return { pass: Uint8Array.from(pass), detached: true };
        continue;
      }
      steps?.take(1 + this.#matched);
      for (let held = 0; held < this.#matched; held++) pass.push(this.#keys[held] ?? 0);
      pass.push(byte);
      this.#matched = 0;
    }
    return { pass: Uint8Array.from(pass), detached: false };
  }
}
