import { readFileSync, readdirSync } from 'node:fs';
import { buildSite } from '../site.ts';
import { round, type Figure } from './figure.ts';
import { inChromium, inNode } from './places.ts';

const zeros = 'docker run --rm busybox sh -c "dd if=/dev/zero of=/big bs=1M count=300 && sync"';
/** Bytes that are not zero, and quick to make. */
const filled = 'docker run --rm busybox sh -c "for i in $(seq 100); do cat /bin/busybox; done >/big; sync"';

/** Five runs that write a big file each and are removed: what the memory of the process has grown by after the first. */
export async function* freedBlocksFigures(): AsyncGenerator<Figure> {
  await buildSite(() => undefined);
  for (const [where, open] of [
    ['Node', inNode],
    ['Chromium', inChromium],
  ] as const) {
    const place = await open();
    await place.time('docker pull -q busybox');
    for (const [what, line] of [
      ['300 MB of zeros', zeros],
      ['100 copies of busybox', filled],
    ] as const) {
      await place.time(line);
      const before = { resident: residentBytes(), disk: place.diskBytes() };
      for (let run = 2; run <= 5; run += 1) await place.time(line);
      const grown = (now: number | null, then: number | null) => (now === null || then === null ? null : round((now - then) / 1e6));
      yield {
        figure: `resident memory after five runs that write ${what}, over that after the first, ${where}`,
        value: round((residentBytes() - before.resident) / 1e6),
        unit: 'MB',
        target: 20,
        diskMegabytes: grown(place.diskBytes(), before.disk),
      };
    }
    await place.close();
  }
}

/** Of this process and all that descend from it, the browser's among them. */
function residentBytes(): number {
  const processes = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  const facts = new Map(processes.map((name) => [Number(name), factsOf(name)]));
  const isOurs = (pid: number): boolean => pid === process.pid || (facts.has(pid) && pid > 1 && isOurs(facts.get(pid)?.parent ?? 0));
  return [...facts].reduce((sum, [pid, { resident }]) => (isOurs(pid) ? sum + resident : sum), 0);
}

function factsOf(pid: string): { readonly parent: number; readonly resident: number } {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    const number = (name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(status)?.[1] ?? 0);
    return { parent: number('PPid'), resident: number('VmRSS') * 1024 };
  } catch {
    return { parent: 0, resident: 0 };
  }
}
