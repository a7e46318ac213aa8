import { nameOf, respell, type Command, type CommandGroup } from '../command.ts';
import type { TopLevel } from '../help.ts';
import { attach } from './attach.ts';
import { builderPrune } from './builder-prune.ts';
import { build } from './build.ts';
import { commit } from './commit.ts';
import { containerInspect } from './container-inspect.ts';
import { containerPrune } from './container-prune.ts';
import { contextCreate } from './context-create.ts';
import { contextExport } from './context-export.ts';
import { contextImport } from './context-import.ts';
import { contextInspect } from './context-inspect.ts';
import { contextLs } from './context-ls.ts';
import { contextRm } from './context-rm.ts';
import { contextShow } from './context-show.ts';
import { contextUpdate } from './context-update.ts';
import { contextUse } from './context-use.ts';
import { cp } from './cp.ts';
import { create } from './create.ts';
import { diff } from './diff.ts';
import { events } from './events.ts';
import { exec } from './exec.ts';
import { exportContainer } from './export.ts';
import { history } from './history.ts';
import { imageInspect } from './image-inspect.ts';
import { imagePrune } from './image-prune.ts';
import { imageLs, images } from './images.ts';
import { importImage } from './import.ts';
import { info } from './info.ts';
import { inspect } from './inspect.ts';
import { kill } from './kill.ts';
import { load } from './load.ts';
import { login } from './login.ts';
import { logout } from './logout.ts';
import { logs } from './logs.ts';
import { networkConnect } from './network-connect.ts';
import { networkCreate } from './network-create.ts';
import { networkDisconnect } from './network-disconnect.ts';
import { networkInspect } from './network-inspect.ts';
import { networkLs } from './network-ls.ts';
import { networkPrune } from './network-prune.ts';
import { networkRm } from './network-rm.ts';
import { pause } from './pause.ts';
import { port } from './port.ts';
import { containerLs, ps } from './ps.ts';
import { pull } from './pull.ts';
import { push } from './push.ts';
import { rename } from './rename.ts';
import { restart } from './restart.ts';
import { containerRm, rm } from './rm.ts';
import { imageRm, rmi } from './rmi.ts';
import { run } from './run.ts';
import { save } from './save.ts';
import { search } from './search.ts';
import { start } from './start.ts';
import { stats } from './stats.ts';
import { stop } from './stop.ts';
import { systemDf } from './system-df.ts';
import { systemPrune } from './system-prune.ts';
import { tag } from './tag.ts';
import { top } from './top.ts';
import { unpause } from './unpause.ts';
import { unsupportedGroups } from './unsupported.ts';
import { update } from './update.ts';
import { version } from './version.ts';
import { volumeCreate } from './volume-create.ts';
import { volumeInspect } from './volume-inspect.ts';
import { volumeLs } from './volume-ls.ts';
import { volumePrune } from './volume-prune.ts';
import { volumeRm } from './volume-rm.ts';
import { volumeUpdate } from './volume-update.ts';
import { wait } from './wait.ts';

/** In the order of the help screen. */
const common: readonly Command[] = [run, exec, ps, build, pull, push, images, login, logout, version, info];

/** The same at the top and in `docker container`. */
const lifecycle: readonly Command[] = [
  attach,
  commit,
  cp,
  create,
  diff,
  exportContainer,
  kill,
  logs,
  pause,
  port,
  rename,
  restart,
  start,
  stats,
  stop,
  top,
  unpause,
  update,
  wait,
];

const others: readonly Command[] = sorted([...lifecycle, events, history, importImage, inspect, load, rm, rmi, save, search, tag]);

export const commands: readonly Command[] = [...common, ...others];

export const groups: readonly CommandGroup[] = [
  ...unsupportedGroups,
  { name: 'builder', short: 'Manage builds', commands: sorted([build, builderPrune]) },
  { name: 'buildx', short: 'Docker Buildx', commands: [respell(build, build.use, ['b'])] },
  {
    name: 'container',
    short: 'Manage containers',
    commands: sorted([...lifecycle, containerInspect, containerLs, containerPrune, containerRm, exec, run]),
  },
  {
    name: 'context',
    short: 'Manage contexts',
    commands: [contextCreate, contextExport, contextImport, contextInspect, contextLs, contextRm, contextShow, contextUpdate, contextUse],
  },
  {
    name: 'image',
    short: 'Manage images',
    commands: sorted([build, history, imageInspect, imageLs, imagePrune, imageRm, importImage, load, pull, save, push, tag]),
  },
  {
    name: 'network',
    short: 'Manage networks',
    commands: sorted([networkConnect, networkCreate, networkDisconnect, networkInspect, networkLs, networkPrune, networkRm]),
  },
  {
    name: 'volume',
    short: 'Manage volumes',
    commands: sorted([volumeCreate, volumeInspect, volumeLs, volumePrune, volumeRm, volumeUpdate]),
  },
  { name: 'system', short: 'Manage Docker', commands: sorted([events, info, systemDf, systemPrune]) },
].sort((a, b) => (a.name < b.name ? -1 : 1));

export const topLevel: TopLevel = { common, groups, commands: others };

function sorted(list: readonly Command[]): readonly Command[] {
  return [...list].sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1));
}
