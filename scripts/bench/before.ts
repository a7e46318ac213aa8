/** The repository as it was before it was made fast, built beside this one: what "old and new in turn" compares with. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const root = join(import.meta.dirname, '../..');
/** The last commit of the foundation, 2026-11-21. */
const foundation = 'fbbd31e';

/**
 * Checks out, installs and builds the foundation in `.cache/before-COMMIT` unless it stands there.
 * Returns the folder. Rejects where the commit is not at hand (a shallow clone) or a step fails.
 */
export async function foundationFolder(): Promise<string> {
  const folder = join(root, '.cache', `before-${foundation}`);
  const built = join(folder, 'dist', 'guest', 'manifest.json');
  if (existsSync(built)) return folder;
  const step = (command: string, ...args: string[]): Promise<unknown> =>
    run(command, args, { cwd: existsSync(folder) ? folder : root, maxBuffer: 16 << 20 });
  if (!existsSync(folder)) await step('git', 'clone', '--quiet', '--no-checkout', root, folder);
  await step('git', 'checkout', '--quiet', '--detach', foundation);
  await step('npm', 'ci', '--no-audit', '--no-fund');
  await step('npm', 'run', 'build');
  return folder;
}
