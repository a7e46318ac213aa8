// write-lock.ts PART...: records in lock.json what the parts were just built from, and what came out.
import { writeFileSync } from 'node:fs';
import { buildPackages, lockFile, partNames, readLock, treeSums } from './lock.ts';

const lock = readLock();
for (const part of process.argv.slice(2)) {
  const { inputs, outputs } = treeSums(part);
  const missing = Object.entries({ ...inputs, ...outputs }).filter(([, sum]) => sum === 'missing');
  if (missing.length > 0) throw new Error(`${part}: ${missing.map(([path]) => path).join(', ')} missing`);
  lock[part] = { inputs, packages: buildPackages(part), outputs };
}
const ordered = partNames.filter((name) => name in lock).map((name) => [name, lock[name]]);
writeFileSync(lockFile, `${JSON.stringify(Object.fromEntries(ordered), undefined, 2)}\n`);
