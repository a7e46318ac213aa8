// Checks that the prebuilt files in dist/ belong to the sources in this tree: each part's inputs and outputs are those
// that lock.json recorded when it was built. Needs nothing but Node; exits with 1 and a line for each difference.
import { partNames, readLock, treeSums, type Sums } from './lock.ts';

function differences(kind: 'input' | 'output', locked: Sums, found: Sums): string[] {
  const paths = [...new Set([...Object.keys(locked), ...Object.keys(found)])].sort();
  return paths
    .filter((path) => locked[path] !== found[path])
    .map((path) => {
      if (locked[path] === undefined) return `${kind} ${path} is new since the build`;
      if (found[path] === undefined || found[path] === 'missing') return `${kind} ${path} is gone`;
      return `${kind} ${path} differs from the one that was locked`;
    });
}

const lock = readLock();
const problems = partNames.flatMap((part) => {
  const locked = lock[part];
  if (locked === undefined) return [`${part}: not in lock.json; run kernel/build.sh ${part}`];
  const found = treeSums(part);
  const lines = [...differences('input', locked.inputs, found.inputs), ...differences('output', locked.outputs, found.outputs)];
  return lines.map((line) => `${part}: ${line}; kernel/build.sh ${part} rebuilds it`);
});

for (const problem of problems) console.error(`verify-lock: ${problem}`);
if (problems.length > 0) process.exitCode = 1;
else console.log(`verify-lock: ${partNames.length} parts match lock.json`);
