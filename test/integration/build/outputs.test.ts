/** Where `docker build` puts what it made, as typed. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createNodePlayground } from '../../../src/worker/node/playground.ts';
import type { LocalPlayground } from '../../../src/worker/playground.ts';
import { runLines } from '../../support/run-lines.ts';
import { agentIsBuilt } from '../machine/guest.ts';

const dockerfile = `FROM busybox AS base
RUN mkdir -p w/deep; chmod 1770 w; chown 5:6 w; ln -s /etc/passwd w/l; ln w/l w/h; mkfifo w/f; echo text >w/deep/file; chmod 640 w/deep/file
FROM scratch
COPY --from=base /w /w
COPY --from=base --chown=7:8 --chmod=750 /bin/true /bin/true
`;

describe.skipIf(!agentIsBuilt)('outputs of docker build (skipped without kernel/dist/agent)', () => {
  let playground: LocalPlayground;
  beforeAll(async () => {
    playground = await createNodePlayground();
    await run(
      `docker pull -q busybox; mkdir /o; cd /o; cat >Dockerfile <<'EOF'\n${dockerfile}EOF\necho '*' >.dockerignore; docker build -q -o type=cacheonly .`,
    );
  });
  afterAll(() => playground.dispose());
  const run = runLines(() => playground);
  const typed = (line: string) => run(`cd /o; ${line} 2>&1; echo "ended with $?"`);
  const left = () => run('docker images -aq; grep -c overlay /proc/mounts || true; ls /var/lib/drydock/overlay2');
  const listed = '%A %u:%g %n';

  test('-o FOLDER writes the files of the last stage as the caller, below folders that are its alone, and makes no image', async () => {
    const before = await left();
    const said = await typed('docker build --progress plain -t named -o a/b .');
    expect(said).toMatch(/#(\d+) exporting to client directory\n#\1 copying files [\d.]+[kM]?B [\d.]+s done\n#\1 DONE [\d.]+s\n/);
    expect(
      await run(
        `cd /o; stat -c '${listed}' a a/b a/b/w a/b/w/deep a/b/w/deep/file a/b/w/f a/b/bin/true; readlink a/b/w/l; readlink a/b/w/h`,
      ),
    ).toBe(
      [
        'drwx------ 0:0 a',
        'drwx------ 0:0 a/b',
        'drwxr-xr-x 0:0 a/b/w',
        'drwxr-xr-x 0:0 a/b/w/deep',
        '-rw-r----- 0:0 a/b/w/deep/file',
        'prw-r--r-- 0:0 a/b/w/f',
        '-rwxr-x--- 0:0 a/b/bin/true',
        '/etc/passwd',
        '/etc/passwd',
        '',
      ].join('\n'),
    );
    expect(await left()).toBe(before);
    expect(await run('cd /o; cat a/b/w/deep/file; echo more >a/b/kept; chmod 755 a/b; docker build -q -o type=local,dest=a/b .')).toBe(
      'text\n\n',
    );
    expect(await run('cd /o; stat -c %A a/b; cat a/b/kept')).toBe('drwxr-xr-x\nmore\n');
  });

  test('what lies in the folder already leads no file out of it', async () => {
    await run('mkdir -p /o/trap /victim; ln -s /victim /o/trap/w; ln -s /victim/true /o/trap/bin');
    await typed('docker build -o trap .');
    expect(await run('ls -A /victim')).toBe('');
  });

  test('a tar keeps owners and modes, in a file or on standard output, which then says nothing else', async () => {
    const before = await left();
    const names = 'tar -tvf - | sed -E "s/ +[0-9]+ [0-9-]+ [0-9:]+ / /" | sort';
    const expected = ['-rw-r----- 0/0 w/deep/file', '-rwxr-x--- 7/8 bin/true'];
    expect(await typed('docker build --progress plain -o type=tar,dest=out.tar .')).toMatch(
      /exporting to client tarball\n#\d+ sending tarball [\d.]+s done\n/,
    );
    const file = await run(`cd /o; cat out.tar | ${names}`);
    for (const each of expected) expect(file).toContain(each);
    expect(await run(`cd /o; docker build -o - . 2>/dev/null | ${names}`)).toBe(file);
    expect(await run(`cd /o; docker build -o type=tar . 2>/dev/null | ${names}`)).toBe(file);
    expect(await left()).toBe(before);
  });

  test('type=docker with a file is an archive that loads, type=oci is a layout; neither is listed before', async () => {
    const before = await left();
    const id = (await run('cd /o; docker build -q -t made:1 -o type=docker,dest=d.tar .')).trim();
    await run('cd /o; docker build -q -t made:1 -o type=oci,dest=o.tar --iidfile id .');
    expect(await left()).toBe(before);
    expect(await run('cat /o/id')).toBe(id);
    expect(await run('cd /o; tar -tf o.tar | grep -v blobs | sort; tar -xOf o.tar index.json | grep -c docker.io/library/made:1')).toBe(
      'index.json\noci-layout\n1\n',
    );
    expect(await run('cd /o; docker load -q -i d.tar; docker images -q --no-trunc made:1; docker rmi made:1 >/dev/null')).toBe(
      `Loaded image: made:1\n${id}\n`,
    );
    await run('cd /o; docker load -q -i o.tar; docker rmi made:1');
    expect(await left()).toBe(before);
  });

  test('several outputs come from one build, images among them', async () => {
    await run(
      'cd /o; docker build -q -t both -o more -o type=tar,dest=more.tar --load .; docker build -q -o type=image,name=by:attribute .',
    );
    expect(
      await run(
        'cd /o; cat more/w/deep/file; tar -tf more.tar | grep -c w/deep/file; docker images -q both; docker images -q by:attribute',
      ),
    ).toMatch(/^text\n1\n([0-9a-f]{12})\n\1\n$/);
    await run('docker rmi both by:attribute');
  });

  test('a target that takes no more ends the build with why, and leaves nothing', async () => {
    await run('mkdir -p /small; mount -t tmpfs -o size=64k tmpfs /small');
    const before = await left();
    const said = await typed('printf "FROM busybox\\n" | docker build -o /small/out -');
    expect(said).toMatch(/no space left on device\nended with 1\n$/);
    expect(await typed('printf "FROM busybox\\n" | docker build -q -o type=tar,dest=/small/x.tar -')).toMatch(/ended with 1\n$/);
    expect(await run('ls -A /small | grep -v out || true; umount /small')).toBe('');
    expect(await left()).toBe(before);
  });

  test.each([
    ['-o type=local', 'failed to build: dest is required for local exporter'],
    ['-o type=local,dest=-', 'failed to build: dest cannot be stdout for local exporter'],
    ['-o Dockerfile', 'failed to build: destination directory Dockerfile is a file'],
    ['-o type=tar,dest=/o', 'failed to build: destination file /o is a directory'],
    ['-o dest=x,y', 'invalid value y'],
    ['-o dest=x,y=z', 'type is required for output'],
    ['-o type=foo', 'failed to build: failed to solve: exporter "foo" could not be found'],
    ['-o out --iidfile x', 'local and tar exporters are incompatible with image ID file'],
  ])('docker build %s is refused', async (flags, why) => {
    expect(await typed(`docker build ${flags} .`)).toBe(`ERROR: ${why}\nended with 1\n`);
  });
});
