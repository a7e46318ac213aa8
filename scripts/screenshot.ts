/** `npx tsx scripts/screenshot.ts [FILE [WIDTH HEIGHT [light|dark [LINE…]]]]`: a picture of the built page, lines typed into it one after the other. */
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
/** The terminal has shown nothing new for a second and the tutorial has looked at it. */
async function settled(): Promise<void> {
  let before = '';
  for (let still = 0; still < 4; still += 1) {
    await page.waitForTimeout(250);
    const now = await page.locator('#app').innerText();
    if (now !== before) still = 0;
    before = now;
  }
}

await settled();
for (const line of lines) {
  await page.evaluate(`window.drydock.type(${JSON.stringify(`${line}\r`)})`);
  await settled();
}
await page.screenshot({ path: file });
await browser.close();
await server.close();
