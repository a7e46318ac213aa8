import { expect, test } from 'vitest';
import { needsPolling } from '../check/evaluate.ts';
import { predicate } from '../format/predicate.ts';
import { sentence as sentenceOf } from '../testing/check.ts';
import { readerOf, sceneFact } from '../testing/facts.ts';

const overlay = (at: string, upper: string, device: string): string =>
  `31 22 ${device} / ${at} rw,relatime - overlay overlay rw,lowerdir=/lab/rootfs,upperdir=${upper},workdir=/lab/work\n`;

const sentence = (asked: unknown, mountinfo: string): Promise<string> =>
  sentenceOf({ mount: asked }, sceneFact({ guest: readerOf({ 'guest:/proc/1/mountinfo': mountinfo }) }));

const one = overlay('/lab/one', '/lab/upper-1', '0:20');
const two = overlay('/lab/two', '/lab/upper-2', '0:21');

test('a mount of the host is found by where it is, and its options are read', async () => {
  const asked = { at: '/lab/one', type: 'overlay', readonly: false, values: { lowerdir: '/lab/rootfs', upperdir: { contains: 'upper' } } };
  expect(await sentence(asked, one)).toBe('ok');
  expect(await sentence(asked, two)).toBe('Nothing is mounted at /lab/one.');
  expect(await sentence({ ...asked, type: 'tmpfs' }, one)).toBe('Something is mounted at /lab/one, but its type is overlay, not tmpfs.');
  expect(await sentence({ at: '/lab/one', values: { size: '8m' } }, one)).toBe('Something is mounted at /lab/one, but it has no size.');
});

test('it is compared with another mount by its mount point', async () => {
  const same = { lowerdir: { 'same-as': '/lab/one' }, upperdir: { 'differs-from': '/lab/one' } };
  expect(await sentence({ at: '/lab/two', values: same }, one + two)).toBe('ok');
  expect(await sentence({ at: '/lab/two', values: same }, two)).not.toBe('ok');
  expect(await sentence({ at: '/lab/two', values: { upperdir: { 'same-as': '/lab/one' } } }, one + two)).toBe(
    'Something is mounted at /lab/two, but its upperdir is not that of /lab/one.',
  );
});

test('the mount that hides another one at the same place is the one that counts', async () => {
  const hidden = `${one}40 31 0:30 / /lab/one rw - tmpfs tmpfs rw\n`;
  expect(await sentence({ at: '/lab/one', type: 'tmpfs' }, hidden)).toBe('ok');
});

test('only asking again can tell that it changed', () => {
  expect(needsPolling(predicate().parse({ mount: { at: '/' } }))).toBe(true);
});
