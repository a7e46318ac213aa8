/** Every flag that the support table calls full is typed in a scenario, once where the line succeeds and once where it fails. */
import { describe, expect, test } from 'vitest';
import { supportTable } from '../../../src/cli/support-table.ts';
import { readScenario, scenarioNames } from './files.ts';
import { flagsTyped } from './typed.ts';
import { excused } from './excused.ts';

interface Uses {
  readonly success: ReadonlySet<string>;
  readonly failure: ReadonlySet<string>;
}

function uses(): Uses {
  const [success, failure] = [new Set<string>(), new Set<string>()];
  for (const { line, said } of scenarioNames().flatMap(readScenario)) {
    const ended = said?.status === 0 && !said.stderr.startsWith('Error') ? success : failure;
    for (const { command, flag } of flagsTyped(line)) ended.add(`${plain(command)} ${flag}`);
  }
  return { success, failure };
}

const plainNames: Readonly<Record<string, string>> = {
  'docker container ls': 'docker ps',
  'docker image ls': 'docker images',
  'docker image rm': 'docker rmi',
  'docker system events': 'docker events',
  'docker system info': 'docker info',
};

/** `docker container run` is `docker run`: a command that stands at two places is typed at either. */
function plain(command: string): string {
  const known = plainNames[command];
  if (known !== undefined) return known;
  const same = command.replace(/^docker (container|image) /, 'docker ');
  return plainCommands.has(same) ? same : command;
}
const plainCommands: ReadonlySet<string> = new Set(
  supportTable().flatMap(({ command }) => (command.split(' ').length === 2 ? [command] : [])),
);

/** Full flags of commands that work. */
function wanted(): ReadonlySet<string> {
  const table = supportTable();
  const works = new Set(table.filter(({ flag, level }) => flag === '' && level !== 'none').map(({ command }) => command));
  const isWanted = ({ command, flag, level }: (typeof table)[number]): boolean =>
    flag !== '' && flag !== '--help' && level === 'full' && (command === 'docker' || works.has(command));
  return new Set(table.filter(isWanted).map(({ command, flag }) => `${plain(command)} ${flag}`));
}

function missing(typed: ReadonlySet<string>, how: 'success' | 'failure'): readonly string[] {
  return [...wanted()].filter((flag) => !typed.has(flag) && !excused.some((each) => each.flag === flag && each.how === how));
}

describe('flags of the support table', () => {
  const { success, failure } = uses();

  test('every full one is typed in a line of a scenario that succeeds', () => {
    expect(missing(success, 'success')).toEqual([]);
  });

  test('every full one is typed in a line of a scenario that fails', () => {
    expect(missing(failure, 'failure')).toEqual([]);
  });

  test('none is excused that is typed', () => {
    const typed = { success, failure };
    expect(excused.filter(({ flag, how }) => typed[how].has(flag) || !wanted().has(flag)).map(({ flag }) => flag)).toEqual([]);
  });
});
