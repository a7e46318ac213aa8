import { chromium, type Browser } from 'playwright-core';
import { chromiumFlags, findChromium } from '../../scripts/find-chromium.ts';

/** @param more flags */
export function launchBrowser(more: readonly string[] = []): Promise<Browser> {
  const executablePath = findChromium();
  if (executablePath === null) throw new Error('no Chromium');
  return chromium.launch({ executablePath, args: [...chromiumFlags.filter((flag) => flag !== '--headless'), ...more] });
}
