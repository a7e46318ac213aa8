import { launchBrowser } from '../../test/support/browser.ts';
import { compressSite } from '../compress.ts';
import { serveSite } from '../serve.ts';
import { buildSite, siteFolder } from '../site.ts';
import { round, type Figure } from './figure.ts';

/** From opening the page to a prompt in its terminal, from the server that npm start runs, and the bytes that took. */
export async function* pageFigures(): AsyncGenerator<Figure> {
  await buildSite(() => undefined);
  await compressSite(siteFolder);
  const server = await serveSite(siteFolder, { host: '127.0.0.1', port: 0 });
  const browser = await launchBrowser();
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  const visit = async (): Promise<number> => {
    const page = await context.newPage();
    const started = performance.now();
    await page.goto(server.url);
    await page.evaluate('window.drydock.ready');
    const elapsed = performance.now() - started;
    await page.close();
    return elapsed / 1000;
  };
  const first = await visit();
  const { bytes } = server;
  yield { figure: 'page open to prompt, empty cache', value: round(first), unit: 's', target: 6 };
  yield { figure: 'bytes fetched until the prompt, compressed', value: round(bytes / 1e6), unit: 'MB', target: 6 };
  const second = await visit();
  yield { figure: 'page open to prompt, second visit', value: round(second), unit: 's', target: 3, bytes: server.bytes - bytes };
  await browser.close();
  await server.close();
}
