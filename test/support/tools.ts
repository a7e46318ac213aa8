/** Tools that tests use and nobody here wrote. A missing one skips its tests with the reason, except in CI, where it is an error. */
import { spawnSync } from 'node:child_process';
import { describe } from 'vitest';
import { findChromium } from '../../scripts/find-chromium.ts';

export function findTool(name: string): string | null {
  if (name === 'chromium') return findChromium();
  if (name === 'docker-py') return spawnSync('python3', ['-c', 'import docker']).status === 0 ? name : null;
  const { status, stdout } = spawnSync('sh', ['-c', `command -v ${name}`], { encoding: 'utf8' });
  return status === 0 ? stdout.trim() : null;
}

/** As vitest's describe; the suite is skipped, and its title says why, where a tool is missing. */
export function describeWith(tools: readonly string[], title: string, suite: () => void): void {
  const missing = tools.filter((tool) => findTool(tool) === null);
  if (missing.length > 0 && process.env['DRYDOCK_REQUIRE_TOOLS'] === '1') throw new Error(`missing in CI: ${missing.join(', ')}`);
  if (missing.length > 0) describe.skip(`${title} (skipped: ${missing.join(', ')} not installed)`, suite);
  else describe(title, suite);
}
