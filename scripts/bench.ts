/**
 * `npm run bench [-- NAME…]`: every figure as one JSON line {figure, value, unit, target?, …}. Guest instructions do not depend on the machine;
 * ratios are taken inside one run; milliseconds are for orientation. Nothing here fails on a slow machine.
 */
import { archivesFigures } from './bench/archives.ts';
import { attackFigures } from './bench/attacks.ts';
import { buildFigures } from './bench/builds.ts';
import { commitMemoryFigure } from './bench/commit-memory.ts';
import { commandFigures } from './bench/commands.ts';
import { devFigures } from './bench/dev.ts';
import { freedBlocksFigures } from './bench/freed-blocks.ts';
import { imageMemoryFigure } from './bench/image-memory.ts';
import { manyContainersFigure } from './bench/many-containers.ts';
import { nameFigures } from './bench/names.ts';
import { outsideFigures } from './bench/outside.ts';
import { pageFigures } from './bench/page.ts';
import { portFigures } from './bench/ports.ts';
import { pythonFigures } from './bench/python.ts';
import { roundTripFigure } from './bench/round-trip.ts';
import { shareFigures } from './bench/share.ts';
import { smallGuestFigure } from './bench/small-guest.ts';
import { soakFigures } from './bench/soak.ts';
import { throughputFigures } from './bench/throughput.ts';
import { trialFigures } from './bench/trials.ts';
import { watchedFigures } from './bench/watched.ts';
import type { Figure } from './bench/figure.ts';

const benches: Readonly<Record<string, () => AsyncIterable<Figure>>> = {
  archives: archivesFigures,
  attacks: attackFigures,
  builds: buildFigures,
  'commit-memory': commitMemoryFigure,
  commands: commandFigures,
  dev: devFigures,
  'round-trip': roundTripFigure,
  share: shareFigures,
  throughput: throughputFigures,
  'many-containers': manyContainersFigure,
  'small-guest': smallGuestFigure,
  soak: soakFigures,
  'image-memory': imageMemoryFigure,
  names: nameFigures,
  outside: outsideFigures,
  page: pageFigures,
  watched: watchedFigures,
  trials: trialFigures,
  'freed-blocks': freedBlocksFigures,
  ports: portFigures,
  python: pythonFigures,
};

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !(name in benches));
if (unknown.length > 0) throw new Error(`no bench ${unknown.join(', ')}; there are ${Object.keys(benches).join(', ')}`);
for (const [name, bench] of Object.entries(benches)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  try {
    for await (const figure of bench()) console.log(JSON.stringify(figure));
  } catch (error) {
    console.log(JSON.stringify({ figure: name, error: error instanceof Error ? error.message : String(error) }));
    process.exitCode = 1;
  }
}
process.exit();
