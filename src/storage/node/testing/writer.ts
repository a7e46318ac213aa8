/** A process of its own that puts blobs into a data root, for tests that kill it: `writer.ts DATA_ROOT SEED COUNT`, and that many again without an end. */
import { createHash, randomBytes } from 'node:crypto';
import { sourceOf } from '../../../base/streams.ts';
import { openDataRoot } from '../data-root.ts';

const [path = '', seed = '', rounds = '1'] = process.argv.slice(2);
const { blobs, tars, dispose } = await openDataRoot(path);
for (let round = 0; round < Number(rounds); round += 1) {
  for (let index = 0; index < 5; index += 1) {
    const bytes = createHash('sha512').update(`${seed}${index}`).digest();
    const whole = Buffer.concat(Array.from({ length: 20_000 }, () => bytes));
    const digest = `sha256:${createHash('sha256').update(whole).digest('hex')}`;
    await blobs.put(digest, sourceOf(whole.subarray(0, 500_000), whole.subarray(500_000)));
    if (!(await blobs.has(digest))) throw new Error(`${digest} was put and is not there`);
    const tar = await tars.create(digest, 0);
    await tar.write(whole);
    await tar.commit();
    if (Number(rounds) > 1 && round + 1 < Number(rounds)) await blobs.delete(digest);
  }
  if (round === 0) process.stdout.write(`${randomBytes(1).length}\n`);
}
await dispose();
