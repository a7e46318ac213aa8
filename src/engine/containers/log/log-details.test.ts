import { expect, test } from 'vitest';
import { createTestEngine } from '../../testing/engine.ts';
import { logDetails } from './log-details.ts';

/** Each asked of Docker 28.5. */
test.each([
  [
    { labels: 'l1,zed,nope,sp', env: 'A,LOGME', tag: '{{.Name}}/{{.ImageName}}' },
    'A=1,LOGME=x,l1=v1,sp=a+b%26c%3Dd,tag=web%2Fbusybox,zed=q%2Cr',
  ],
  [{ 'env-regex': '^L', 'labels-regex': '^l' }, 'LOGME=x,l1=v1,l2=v2'],
  [{ env: 'A, LOGME' }, 'A=1'],
  [{ tag: '' }, ''],
  [{ labels: 'l1', 'labels-regex': 'l.' }, 'l1=v1,l2=v2'],
  [{ labels: ' l1' }, ''],
  [{ tag: 'a {{ .DaemonName }} {{.Command}}' }, 'tag=a+docker+true'],
  [{ labels: 'odd' }, 'odd=%EF%BF%BD'],
])('log options %j keep "%s" beside each line', async (Config, kept) => {
  const { create, context } = createTestEngine();
  const Labels = { l1: 'v1', l2: 'v2', zed: 'q,r', sp: 'a b&c=d', odd: '\ud800' };
  const id = create(
    { Cmd: ['true'], Env: ['A=1', 'LOGME=x', 'Q'], Labels, HostConfig: { LogConfig: { Type: 'json-file', Config } } },
    'web',
  );
  expect(await logDetails(context.store.find(id), context.host)).toBe(kept);
});

test.each([
  [{ tag: '{{.Nope}}' }, 'template: log-tag:1:2: executing "log-tag" at <.Nope>: can\'t evaluate field Nope in type *logger.Info'],
  [{ tag: '{{' }, 'template: log-tag:1: unclosed action'],
  [{ 'labels-regex': '(' }, 'error parsing regexp: missing closing ): `(`'],
  [{ tag: '{{index .ContainerLabels "a"}}' }, 'log option tag: {{index .ContainerLabels "a"}} is more than this engine can fill in'],
])('log options %j are refused when the container starts', async (Config, why) => {
  const { create, context } = createTestEngine();
  const id = create({ HostConfig: { LogConfig: { Type: 'json-file', Config } } });
  await expect(logDetails(context.store.find(id), context.host)).rejects.toMatchObject({
    kind: 'internal',
    message: `failed to create task for container: failed to initialize logging driver: ${why}`,
  });
});
