import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseScenario, printScenario, type Step } from './format.ts';

const ending = '.scenario';

export function scenarioNames(): readonly string[] {
  return readdirSync(import.meta.dirname)
    .filter((name) => name.endsWith(ending))
    .map((name) => name.slice(0, -ending.length))
    .sort();
}

export function readScenario(name: string): readonly Step[] {
  return parseScenario(readFileSync(join(import.meta.dirname, `${name}${ending}`), 'utf8'));
}

export function writeScenario(name: string, steps: readonly Step[]): void {
  writeFileSync(join(import.meta.dirname, `${name}${ending}`), printScenario(steps));
}
