import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildSite, siteFolder } from '../../scripts/site.ts';
import { launchBrowser } from '../support/browser.ts';
import { plainText } from '../support/plain-text.ts';
import { serveStatic, type StaticServer } from '../support/static-server.ts';
import { describeWith } from '../support/tools.ts';
import { readTutorials } from '../tutorials/read-tutorials.ts';

describeWith(['chromium'], 'the tutorials in the built page', () => {
  let server: StaticServer;
  let browser: Browser;
  let page: Page;

  beforeAll(async () => {
    await buildSite(() => undefined);
    server = await serveStatic(siteFolder);
    browser = await launchBrowser();
  });
  afterAll(async () => {
    await browser.close();
    await server.close();
  });

  async function open(place: string): Promise<void> {
    page = await browser.newPage({ viewport: { width: 360, height: 740 } });
    page.setDefaultTimeout(90_000);
    await page.goto(`${server.url}#${place}`);
    await page.waitForFunction('window.drydock');
    await page.evaluate('window.drydock.ready');
    await page.evaluate(`window.drydock.on('terminal', (text) => (window.received += text))`);
  }
  const close = (): Promise<void> => page.close();

  /** What the terminal received since it was last cleared, without the sequences that colour it and mark its prompts. */
  const received = async (): Promise<string> => {
    const text: string = await page.evaluate('window.received');
    return plainText(text);
  };
  const status = (): Promise<string | null> => page.locator('footer [role="status"]').textContent();
  const focused = (): Promise<string> => page.evaluate('`${document.activeElement.tagName} ${document.activeElement.textContent.trim()}`');
  const button = (name: string | RegExp) => page.getByRole('button', { name, exact: true });
  /** Standard output of a line that the learner does not see. */
  const outputOf = async (line: string): Promise<string> => {
    const stdout: string = await page.evaluate(`window.drydock.exec(${JSON.stringify(line)}).then(({ stdout }) => stdout)`);
    return stdout.trim();
  };
  const prompted = (): Promise<void> => expect.poll(received).toMatch(/\n[^\n]*[#$] $/);

  /** Presses a run button of the step, from 0 on. */
  async function run(index: number): Promise<void> {
    await page.evaluate(`window.received = ''`);
    await button(/^Run .* in the terminal$/)
      .nth(index)
      .click();
  }

  /** Presses the run buttons of the step one after the other, each when a shell waits. */
  async function runAll(): Promise<void> {
    const count = await button(/^Run .* in the terminal$/).count();
    for (let index = 0; index < count; index++) {
      await run(index);
      await prompted();
    }
  }

  async function answer(label: string, text: string): Promise<void> {
    await page.getByLabel(label).fill(text);
    await button('Check').click();
  }

  /** To the step with this title. Until it is there, the buttons are those of the one before. */
  async function goOn(title: string): Promise<void> {
    await button('Next step')
      .click()
      .catch(async (thrown: unknown) => {
        const card = (await page.locator('article').allInnerTexts()).join('\n');
        throw new Error(`The step before "${title}" was not done.\n${card}\nTerminal:\n${await received()}`, { cause: thrown });
      });
    await page.getByRole('heading', { name: title, exact: true }).waitFor();
    await expect.poll(focused).toBe(`H2 ${title}`);
  }

  /** Every step by its run buttons, from the first one on to the end. @param answers by the id of the step: lines whose output is the answer @param shells steps whose shell is left, as their text says */
  async function doneByRunning(
    id: string,
    answers: Readonly<Record<string, string>> = {},
    shells: readonly string[] = [],
    byHand: Readonly<Record<string, () => Promise<void>>> = {},
  ): Promise<void> {
    const steps = readTutorials().tutorials.find(({ tutorial }) => tutorial.manifest.id === id)?.tutorial.steps ?? [];
    for (const [index, { front }] of steps.entries()) {
      if (index === 0) await page.getByRole('heading', { name: front.title, exact: true }).waitFor();
      else await goOn(front.title);
      await (byHand[front.id] ?? runAll)();
      if (front.question !== undefined) await answer(front.question.label, await outputOf(answers[front.id] ?? ''));
      if (shells.includes(front.id)) await leaveShell();
    }
    await button('Finish').click();
    await page.getByText(`You have done all ${steps.length} steps.`).waitFor();
  }

  describe('the first one', () => {
    beforeAll(() => open('/tutorials/first-container'));
    afterAll(close);

    test('is done by its run buttons and one answer; a wrong answer is refused', async () => {
      await runAll();
      for (const title of [
        'One image, many containers',
        'Look inside',
        'Throw it away',
        'Leave it running',
        'A name belongs to one',
        'Who is who',
      ]) {
        await goOn(title);
        await runAll();
      }
      await answer('The id of web', 'zzzz');
      await expect.poll(status).toContain('zzzz is not');
      await answer('The id of web', (await outputOf('docker ps -q --filter name=web')).slice(0, 6));
      await expect.poll(focused).toBe('BUTTON Finish');
      await page.keyboard.press('Enter');
      await page.getByText('You have done all 7 steps.').waitFor();
      await expect.poll(focused).toBe('H2 You have done all 7 steps.');
      const [heading, pane] = [await page.locator('#finish-title').boundingBox(), await page.locator('#tutorial .scroll').boundingBox()];
      const above = (heading?.y ?? 0) - (pane?.y ?? 0);
      expect(above).toBeGreaterThanOrEqual(0);
      expect(above + (heading?.height ?? 0)).toBeLessThanOrEqual(pane?.height ?? 0);
      await page.getByText('the id always works').waitFor();
    });

    test('starts over with an empty machine', async () => {
      await button('Start the tutorial over').click();
      await button('Start over').click();
      await page.locator('nav .active').waitFor();
      expect(await page.locator('#step-title').textContent()).toBe('Say hello');
      expect(await outputOf('docker ps -aq')).toBe('');
    });

    test('shows a step, stops at a key, and counts it as shown', async () => {
      await button('Show me').click();
      await button('Stop showing').waitFor();
      await page.keyboard.press('x');
      await button('Show me').waitFor();
      await page.evaluate(`window.drydock.type('\\x03')`);
      await button('Show me').click();
      await button('Try it yourself').waitFor();
      expect(await status()).toContain('Shown');
      await button('Next step').click();
      await page.getByRole('button', { name: '1. Say hello: shown to you' }).waitFor();
    });

    test('never types into what somebody else is writing or running', async () => {
      const ran = (): Promise<string> => outputOf('docker ps -aq --filter ancestor=hello-world | wc -l');
      const before = Number(await ran());
      await page.evaluate(`window.received = ''`);
      await page.evaluate(`window.drydock.type('rm -rf /precious')`);
      await expect.poll(received).toContain('/precious');
      await button('Run docker run hello-world in the terminal').click();
      await page.getByText('There is something on the line of Terminal 1.').waitFor();
      await button('Cancel').click();
      expect(Number(await ran())).toBe(before);
      await button('Run docker run hello-world in the terminal').click();
      await button('Clear the line and go on').click();
      await expect.poll(ran).toBe(String(before + 1));
      await prompted();

      await page.evaluate(`window.drydock.type('sleep 1000\\r')`);
      await button('Show me').click();
      await page.getByText('A program runs in Terminal 1.').waitFor();
      await button('Use a new terminal').click();
      await button('Try it yourself').waitFor();
      expect(await outputOf('pidof sleep | wc -w')).toBe('1');
    });
  });

  describe('from start to stop', () => {
    beforeAll(() => open('/tutorials'));
    afterAll(close);

    test('is in the catalogue behind the first one', async () => {
      await page.getByRole('heading', { name: 'Tutorials', exact: true }).waitFor();
      const listed = await page.locator('.catalogue a strong').allTextContents();
      expect(listed.slice(0, 2)).toEqual(['Your first container', 'From start to stop']);
      expect(listed.toSorted()).toEqual(
        readTutorials()
          .tutorials.map(({ tutorial }) => tutorial.manifest.title)
          .toSorted(),
      );
      await page.getByRole('link', { name: /^From start to stop/ }).click();
      await page.getByRole('heading', { name: 'Read the logs' }).waitFor();
    });

    test('is done by its run buttons, Ctrl-C and one answer, and says what was learned', async () => {
      await runAll();
      await goOn('Follow the logs');
      const since = await outputOf("docker inspect -f '{{.State.StartedAt}}' train");
      await run(0);
      await expect.poll(received).toMatch(/(epoch \d+, loss[^\n]*\n){2}/);
      await page.evaluate(`window.drydock.type('\\x03')`);
      await prompted();
      await goOn('Step inside');
      expect(await outputOf("docker inspect -f '{{.State.StartedAt}}' train")).toBe(since);
      await runAll();
      await goOn('Ask for everything');
      await runAll();
      await answer('The process id of train', '1');
      await expect.poll(status).toContain('1 is not');
      await answer('The process id of train', await outputOf("docker inspect -f '{{.State.Pid}}' train"));
      for (const title of ['Ask it to stop', 'Some do not listen', 'Start it again', 'Tidy up']) {
        await goOn(title);
        await runAll();
      }
      await button('Finish').click();
      await page.getByText('You have done all 8 steps.').waitFor();
      await page.getByText('Exit code 137 says that it was killed.').waitFor();
      expect(await outputOf("docker ps -a --format '{{.Names}}'")).toBe('train');
    });
  });

  describe('limits and who keeps them', () => {
    beforeAll(() => open('/tutorials/limits'));
    afterAll(close);

    test('is done by its run buttons alone', async () => {
      await page.getByRole('heading', { name: 'Limit the memory', exact: true }).waitFor();
      await doneByRunning('limits');
      expect(await outputOf("docker inspect -f '{{.State.OOMKilled}} {{.State.ExitCode}}' hog")).toBe('true 137');
    });
  });

  describe('data that stays', () => {
    beforeAll(() => open('/tutorials/data'));
    afterAll(close);

    test('is done by its run buttons alone, and leaves the named volumes', async () => {
      await doneByRunning('data');
      expect(await outputOf("docker volume ls --format '{{.Name}}'")).toBe('models\npages');
    });
  });

  describe('containers that talk', () => {
    beforeAll(() => open('/tutorials/networks'));
    afterAll(close);

    test('is done by its run buttons and two answers', async () => {
      await doneByRunning('networks', {
        'the-first-network': "docker network inspect -f '{{(index .IPAM.Config 0).Gateway}}' bridge",
        'one-door': 'echo web',
      });
      expect(await outputOf("docker network ls --format '{{.Name}}' | grep -c front")).toBe('0');
    });
  });

  describe('ports and processes', () => {
    beforeAll(() => open('/tutorials/ports'));
    afterAll(close);

    test('is done by its run buttons and two answers', async () => {
      /** A worker that has only just begun has no folder to put batches into yet. */
      const waits = async (container: string): Promise<void> => {
        await expect.poll(() => outputOf(`docker exec ${container} ls -d /batches`)).toBe('/batches');
      };
      await doneByRunning(
        'ports',
        {
          'any-port': "docker port auto 80 | head -n 1 | sed 's/.*://'",
          'who-is-inside': 'docker top auto | tail -n +2 | wc -l',
        },
        [],
        {
          // Nginx first prepares itself, with other processes: who counts too early counts those.
          'who-is-inside': async () => {
            await expect.poll(() => outputOf('docker top auto | grep -c "worker process"')).not.toBe('0');
            await runAll();
          },
          'two-in-one': async () => {
            await waits('bundle');
            await runAll();
          },
          'one-each': async () => {
            await run(0);
            await prompted();
            await waits('worker');
            await run(1);
            await prompted();
          },
        },
      );
      expect(Number(await outputOf("docker inspect -f '{{.RestartCount}}' worker"))).toBeGreaterThan(0);
    });
  });

  /** Leaves the shell that a step started, as its text says, once the step is done. */
  async function leaveShell(): Promise<void> {
    await button(/^(Next step|Finish)$/).waitFor();
    await page.evaluate(`window.received = ''`);
    await page.evaluate(`window.drydock.type('exit\\r')`);
    await prompted();
  }

  describe('a container from scratch', () => {
    beforeAll(() => open('/tutorials/from-scratch'));
    afterAll(close);

    test('is done by its run buttons, and exit where a step says so', async () => {
      await doneByRunning('from-scratch', {}, ['change-root', 'a-new-root', 'your-run']);
      expect(await outputOf('stat -c "%F %t %T" /lab/upper/etc/shadow')).toBe('character special file 0 0');
    });
  });

  describe('walls made of names', () => {
    beforeAll(() => open('/tutorials/namespaces'));
    afterAll(close);

    test('is done by its run buttons, three answers, and exit where a step says so', async () => {
      const pid = "docker inspect -f '{{.State.Pid}}' sleeper";
      const shared = `for n in cgroup ipc mnt net pid time user uts; do [ $(readlink /proc/$$/ns/$n) = $(readlink /proc/$(${pid})/ns/$n) ] && echo $n; done | xargs`;
      await doneByRunning('namespaces', { 'only-a-process': pid, 'in-which-spaces': shared, 'one-kernel': 'uname -r' }, [
        'own-host-name',
        'own-numbers',
      ]);
    });
  });

  describe('behind the docker command', () => {
    beforeAll(() => open('/tutorials/engine-api'));
    afterAll(close);

    test('is done by its run buttons, an answer, and a second terminal beside the events', async () => {
      const beside = async (): Promise<void> => {
        await run(0);
        await expect.poll(() => outputOf('pidof curl | wc -w')).toBe('1');
        await run(1);
        await button('Use a new terminal').click();
      };
      const twice = async (): Promise<void> => {
        await runAll();
        await runAll();
      };
      const byHand = { 'start-it-twice': twice, 'wait-for-the-end': beside, 'watch-events': beside };
      await doneByRunning('engine-api', { 'list-containers': 'docker ps -aq | wc -l' }, [], byHand);
      expect(await outputOf("docker inspect -f '{{.State.ExitCode}}' train")).toBe('137');
    });
  });
});
