import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { capabilityBits, capabilityNames } from '../../../src/engine/containers/spec/capabilities.ts';
import type { Machine } from '../../../src/machine/machine.ts';
import { crunDirectory, crunIsThere } from '../../support/crun-i386.ts';
import { findTool } from '../../support/tools.ts';
import { coldBoot, output } from '../machine/guest.ts';
import { TreeMaker } from '../machine/trees.ts';
import { Containers, outcomeOf } from './containers.ts';
import { cases, filterCases, intended, lastSyscallOfLibseccomp, type Case } from './oci-cases.ts';
import { agentSpec, ociJson } from './oci-config.ts';

const crun = '/run/drydock/host/layers/crun';
const work = '/var/lib/drydock/twins';
const compiler = findTool('i686-linux-gnu-gcc');
const why = 'npx tsx test/support/crun-i386.ts fetches it';
if (!crunIsThere && process.env['DRYDOCK_REQUIRE_TOOLS'] === '1') throw new Error(`missing in CI: crun for i386; ${why}`);

/** The same OCI configuration by Debian's crun and by the agent, on the same kernel; a process in each container says what it sees. */
describe.skipIf(!crunIsThere)(`the agent against crun (skipped: no crun for i386; ${why})`, () => {
  let machine: Machine;
  let containers: Containers;
  beforeAll(async () => {
    machine = await coldBoot({ memoryMegabytes: 256 });
    const make = new TreeMaker();
    const probes = compiler === null ? {} : { syscalls: make.file('syscalls', compileProbe(compiler), { mode: 0o100755 }) };
    machine.layers.add('crun', make.tree({ debian: crunDirectory(make), probes: make.directory(probes) }));
    containers = new Containers(machine);
    await output(
      machine,
      `rm -f /lib; ln -s ${crun}/debian/lib /lib
       mkdir -p ${work}/image; cd ${work}/image; mkdir bin etc proc sys dev tmp; chmod 1777 tmp
       for applet in $(busybox --list); do ln -s busybox bin/$applet; done; rm -f bin/busybox; cp /bin/busybox ${crun}/probes/* bin
       echo root:x:0:0:root:/root:/bin/sh >etc/passwd; echo root:x:0: >etc/group`,
    );
  });
  afterAll(() => machine.dispose());

  /** A script in the guest itself. */
  async function inGuest(script: string): Promise<string> {
    const process = await containers.guest.processes.exec('', {
      args: ['/bin/sh', '-c', script],
      env: [
        'PATH=/usr/sbin:/usr/bin:/sbin:/bin',
        `LD_LIBRARY_PATH=${crun}/debian/lib/i386-linux-gnu:${crun}/debian/usr/lib/i386-linux-gnu`,
      ],
      cwd: '/',
      capabilities: capabilityBits(capabilityNames),
    });
    return textOf(await outcomeOf(process));
  }

  function byCrun({ name, config }: Case): Promise<string> {
    const bundle = `${work}/crun-${name}`;
    return inGuest(`
mkdir -p ${bundle}/upper ${bundle}/work ${bundle}/rootfs
cat >${bundle}/config.json <<'END'
${ociJson(config, '/crun')}
END
mount -t overlay -o lowerdir=${work}/image,upperdir=${bundle}/upper,workdir=${bundle}/work overlay ${bundle}/rootfs
: | ${crun}/debian/usr/bin/crun --cgroup-manager=cgroupfs run --bundle ${bundle} ${name}
status=$?
umount ${bundle}/rootfs
exit $status`);
  }

  async function byAgent({ name, config }: Case): Promise<string> {
    const folder = `${work}/agent-${name}`;
    const process = await containers.guest.processes.start({
      ...agentSpec(config),
      id: name,
      lowers: [`${work}/image`],
      upper: `${folder}/upper`,
      work: `${folder}/work`,
      merged: `${folder}/merged`,
      cgroup: `agent-${name}`,
    });
    const outcome = textOf(await outcomeOf(process));
    await containers.guest.processes.remove({ container: name, removeFiles: 1, cgroup: `agent-${name}` });
    return outcome;
  }

  test.for(cases)('$sentence', async (given) => {
    const [theirs, ours] = [comparable(await byCrun(given)), comparable(await byAgent(given))];
    expect(theirs).toContain('== end\n');
    expect(ours).toBe(theirs);
  });

  test.skipIf(compiler === null).for(filterCases)('$sentence (skipped without i686-linux-gnu-gcc)', async (given) => {
    const [theirs, ours] = [await byCrun(given), await byAgent(given)];
    expect(theirs).toMatch(new RegExp(`^${lastSyscallOfLibseccomp} \\d+$`, 'm'));
    expect(ours).toBe(theirs);
  });
});

function compileProbe(compiler: string): Uint8Array {
  const folder = mkdtempSync(join(tmpdir(), 'drydock-syscalls-'));
  const program = join(folder, 'syscalls');
  execFileSync(compiler, [
    '-static',
    '-O1',
    '-Wall',
    '-Wextra',
    '-Werror',
    join(import.meta.dirname, '../../../kernel/agent/test/syscalls.c'),
    '-o',
    program,
  ]);
  const bytes = readFileSync(program);
  rmSync(folder, { recursive: true });
  return bytes;
}

function textOf({ stdout, stderr, code }: { readonly stdout: string; readonly stderr: string; readonly code: number }): string {
  return `${stdout}\nstderr ${stderr}\nexit ${code}`;
}

/** Without the paths that cannot be equal, and the differences that are meant. */
function comparable(text: string): string {
  const located = text.replaceAll(/lowerdir=[^,]*,upperdir=[^,]*,workdir=[^,\s]*/g, 'lowerdir=L,upperdir=U,workdir=W');
  return intended.reduce((all, { pattern, by }) => all.replaceAll(pattern, by), located);
}
