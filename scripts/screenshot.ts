/** `npx tsx scripts/screenshot.ts [FILE]`: the README's picture: the built page with a few commands typed into it. */
import { launchBrowser } from '../test/support/browser.ts';
import { serveStatic } from '../test/support/static-server.ts';
import { siteFolder } from './site.ts';

const [file = 'docs/screenshot.png', width = '1280', height = '800', scheme = 'light', ...lines] = process.argv.slice(2);
const server = await serveStatic(siteFolder);
const browser = await launchBrowser();
const page = await browser.newPage({
  viewport: { width: Number(width), height: Number(height) },
  colorScheme: scheme === 'dark' ? 'dark' : 'light',
});
page.on('pageerror', (error) => console.error(error));
page.on('console', (message) => console.log(`console: ${message.text()}`));
const started = performance.now();
await page.goto(server.url);
await page.evaluate('window.drydock.ready');
console.log(`prompt after ${Math.round(performance.now() - started)} ms, ${(server.bytes / 1e6).toFixed(1)} MB`);
for (const line of lines) {
  await page.evaluate(`window.drydock.type(${JSON.stringify(`${line}\r`)})`);
  await page.evaluate(`window.drydock.exec('true')`);
  await page.waitForTimeout(2500);
}
await page.waitForTimeout(500);
await page.screenshot({ path: file });
await browser.close();
await server.close();
