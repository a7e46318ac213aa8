/** Type-checks every platform on its own: code that runs everywhere must compile without DOM, worker and Node types. */
import { spawnSync } from 'node:child_process';

const steps: readonly (readonly [string, readonly string[]])[] = [
  ['tsc', ['-p', 'tsconfig.es.json']],
  ['tsc', ['-p', 'tsconfig.worker.json']],
  ['svelte-check', ['--tsconfig', './tsconfig.dom.json', '--fail-on-warnings']],
  ['tsc', ['-p', 'tsconfig.json']],
];

let failed = 0;
for (const [tool, args] of steps) {
  console.log(`> ${tool} ${args.join(' ')}`);
  const { status } = spawnSync('npx', ['--no-install', tool, ...args], { stdio: 'inherit' });
  if (status !== 0) failed += 1;
}
process.exit(failed === 0 ? 0 : 1);
