/** What COPY and ADD make of a tree, held against what BuildKit made of the same lines (test/conformance/copy-sources). */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { toAppError } from '../../../src/base/errors.ts';
import type { ReceivedContext } from '../../../src/engine/build/context/receive.ts';
import type { Machine } from '../../../src/machine/machine.ts';
import { describe as describePlace, readCases, readRecorded, readTree, type Recorded } from '../../conformance/copy-sources/read-cases.ts';
import { agentIsBuilt, coldBoot } from '../machine/guest.ts';
import { archiveOf, BuildGuest } from './builds.ts';

const recorded = readRecorded();

describe.skipIf(!agentIsBuilt)('sources of COPY and ADD (skipped without kernel/dist/agent)', () => {
  let machine: Machine;
  let guest: BuildGuest;
  let received: ReceivedContext;
  beforeAll(async () => {
    machine = await coldBoot({ memoryMegabytes: 128 });
    guest = new BuildGuest(machine);
    received = await guest.receive(archiveOf(readTree().map(({ target, ...place }) => ({ ...place, link: target }))));
  });
  afterAll(() => machine.dispose());

  async function build(text: string): Promise<Recorded> {
    const layers: string[] = [];
    try {
      for (const line of text.trimEnd().split('\n')) layers.unshift(await guest.copy(layers, line, { from: received.files }));
    } catch (thrown) {
      const { message } = toAppError(thrown);
      return { error: message.replace(/of ref \S+:/, 'of ref ID:').replace(/\/\S*\/overlay2\/[^/ ]+\/merged/, 'ROOT') };
    }
    const files = (await guest.headers(layers)).map(({ path, type, mode, link, uid, gid }) => {
      if (type !== 'file' && type !== 'directory' && type !== 'symlink') throw new Error(`${path} is a ${type}`);
      return describePlace({ path, type, mode, target: link }, `${uid}:${gid}`);
    });
    return { files };
  }

  test('every case was recorded, under a name of its own', () => {
    expect(readCases().map(({ name }) => name)).toEqual([...recorded.keys()]);
  });

  test.each(readCases())('BuildKit makes the same of them: $name', async ({ name, text }) => {
    expect(await build(text)).toEqual(recorded.get(name));
  });
});
