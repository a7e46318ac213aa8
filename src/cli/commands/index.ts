import { nameOf, type Command, type CommandGroup } from '../command.ts';
import type { TopLevel } from '../help.ts';
import { attach } from './attach.ts';
import { containerCreate, create } from './create.ts';
import { exec } from './exec.ts';
import { kill } from './kill.ts';
import { logs } from './logs.ts';
import { pause } from './pause.ts';
import { containerLs, ps } from './ps.ts';
import { pull } from './pull.ts';
import { rename } from './rename.ts';
import { restart } from './restart.ts';
import { containerRm, rm } from './rm.ts';
import { run } from './run.ts';
import { start } from './start.ts';
import { stop } from './stop.ts';
import { top } from './top.ts';
import { unpause } from './unpause.ts';
import { wait } from './wait.ts';

/** In the order of the help screen. */
const common: readonly Command[] = [run, exec, ps, pull];

const others: readonly Command[] = [attach, create, kill, logs, pause, rename, restart, rm, start, stop, top, unpause, wait];

export const commands: readonly Command[] = [...common, ...others];

export const groups: readonly CommandGroup[] = [
  {
    name: 'container',
    short: 'Manage containers',
    commands: sorted([attach, containerCreate, containerLs, containerRm, exec, kill, logs, pause, rename, restart, run, start, stop, top, unpause, wait]),
  },
  { name: 'image', short: 'Manage images', commands: sorted([pull]) },
];

export const topLevel: TopLevel = { common, groups, commands: sorted(others) };

function sorted(list: readonly Command[]): readonly Command[] {
  return [...list].sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1));
}
