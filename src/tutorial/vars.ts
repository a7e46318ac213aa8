import type { TutorialVariable } from './format/manifest.ts';

export type Vars = Readonly<Record<string, string>>;

/** FNV-1a with its bits spread once more, in [0, 1). Tutorials need variety, not secrets. */
function fraction(text: string): number {
  let hash = 0x811c9dc5;
  for (const char of text) hash = Math.imul(hash ^ (char.codePointAt(0) ?? 0), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x45d9f3b);
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32;
}

/** The values of one attempt: the same seed gives the same values, each independent of the other variables. */
export function drawVars(variables: Readonly<Record<string, TutorialVariable>>, seed: string): Vars {
  return Object.fromEntries(
    Object.entries(variables).map(([name, variable]) => [name, draw(variable, (index) => fraction(`${seed}/${name}/${index}`))]),
  );
}

function draw(variable: TutorialVariable, random: (index: number) => number): string {
  if ('pick' in variable) return String(variable.pick[Math.floor(random(0) * variable.pick.length)]);
  return Array.from({ length: variable.hex }, (_, index) => Math.floor(random(index) * 16).toString(16)).join('');
}
