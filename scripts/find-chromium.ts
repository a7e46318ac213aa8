/** Finds a Chromium or Chrome, or says how to get one. */
import { spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome'];
const bundles = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
];

/** Flags for a headless run that asks nothing of the network. */
export const chromiumFlags = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

function runnable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** The path of a browser: `$DRYDOCK_CHROMIUM`, then PATH, then the usual places; null where there is none. */
export function findChromium(): string | null {
  const own = process.env['DRYDOCK_CHROMIUM'];
  if (own !== undefined && own !== '') return own;
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  const candidates = [...folders.flatMap((folder) => names.map((name) => join(folder, name))), ...bundles];
  return candidates.find(runnable) ?? null;
}

/** As findChromium; where there is none and this is Debian or a relative with root, installs the `chromium` package. */
export function ensureChromium(): string | null {
  const found = findChromium();
  if (found !== null) return found;
  const mayInstall = process.getuid?.() === 0 && spawnSync('apt-get', ['--version']).status === 0;
  if (!mayInstall) {
    console.error(
      'No Chromium or Chrome found: install one (Debian: apt install chromium) or set DRYDOCK_CHROMIUM. Browser tests are skipped.',
    );
    return null;
  }
  console.log('Installing chromium with apt …');
  spawnSync('apt-get', ['update', '-qq'], { stdio: 'inherit' });
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  spawnSync('apt-get', ['install', '-y', '-qq', '--no-install-recommends', 'chromium'], { stdio: 'inherit', env });
  return findChromium();
}
