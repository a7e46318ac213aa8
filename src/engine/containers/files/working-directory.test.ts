import { expect, test } from 'vitest';
import { createBody, createTestEngine } from '../../testing/engine.ts';
import { lowerDirectories } from '../context.ts';
import { createCheckedContainer } from '../verbs/create.ts';

function engineWithFile() {
  const engine = createTestEngine();
  const id = engine.create({}, 'first');
  const [layer = ''] = lowerDirectories(engine.context.host, engine.context.store.find(id));
  engine.machine.uppers.set(layer, new Map([['/etc/passwd', 'root']]));
  const create = (body: Readonly<Record<string, unknown>>) =>
    createCheckedContainer(engine.context, { name: '', platform: '', body: createBody(body) });
  return { engine, create };
}

test('a working directory that is a file of the image is refused when the container is made, and nothing of it is left', async () => {
  const { engine, create } = engineWithFile();
  for (const WorkingDir of ['/etc/passwd', '/etc/../etc//passwd/'])
    await expect(create({ WorkingDir })).rejects.toMatchObject({
      kind: 'internal',
      message: 'Cannot mkdir: /etc/passwd is not a directory',
    });
  expect(engine.context.store.all().map(({ name }) => name)).toEqual(['first']);
  expect(engine.machine.mounted.size).toBe(0);
});

test('one that is not there, is a folder or is mounted over is not', async () => {
  const { engine, create } = engineWithFile();
  for (const [WorkingDir, Binds] of [['/srv/x'], ['/etc'], ['/'], ['/etc/passwd', ['/a:/etc/passwd']]] as const) {
    await create({ WorkingDir, HostConfig: { Binds } });
  }
  expect(engine.context.store.all()).toHaveLength(5);
  expect(engine.machine.mounted.size).toBe(0);
});
