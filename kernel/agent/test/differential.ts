/** The comparison of differential.sh: differential.ts TOOLS WORK */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { encodeRecord } from '../../../src/protocol/agent-codec.ts';
import type { AgentRecordInput } from '../../../src/protocol/agent.ts';
import { cases, type Case } from './differential-cases.ts';
import { capabilities, containerSpecOf } from './oci-to-spec.ts';

const [tools = '', work = ''] = process.argv.slice(2);
const root = join(import.meta.dirname, '../../..');
const image = join(work, 'image');

function run(command: string, args: readonly string[]): { readonly status: number | null; readonly stdout: string; readonly stderr: string } {
  return spawnSync(command, args, { encoding: 'utf8', timeout: 60_000, maxBuffer: 1 << 26 });
}

function must(command: string, args: readonly string[]): void {
  const { status, stderr } = run(command, args);
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: ${stderr}`);
}

/** What crun is given as its root: an overlay, as containerd gives it. */
function overlay(folder: string): string {
  for (const part of ['upper', 'work', 'rootfs']) mkdirSync(join(folder, part), { recursive: true });
  const rootfs = join(folder, 'rootfs');
  must('mount', ['-t', 'overlay', '-o', `lowerdir=${image},upperdir=${folder}/upper,workdir=${folder}/work`, 'overlay', rootfs]);
  return rootfs;
}

function byCrun({ name, config }: Case): string {
  const bundle = join(work, `crun-${name}`);
  const rootfs = overlay(bundle);
  const cgroupsPath = `/drydock-differential-crun`;
  writeFileSync(join(bundle, 'config.json'), JSON.stringify({ ...config, root: { ...config.root, path: rootfs }, linux: { ...config.linux, cgroupsPath } }));
  const { status, stdout, stderr } = run('crun', ['--cgroup-manager=cgroupfs', '--root', join(work, 'crun'), 'run', '--bundle', bundle, `d-${name}`]);
  return `${stdout}\nstderr ${stderr}\nexit ${status}`;
}

function byAgent({ name, config }: Case): string {
  const folder = join(work, `agent-${name}`);
  mkdirSync(folder, { recursive: true });
  const spec: AgentRecordInput<'containerSpec'> = {
    ...containerSpecOf(config),
    id: `d-${name}`,
    lowers: [image],
    upper: join(folder, 'upper'),
    work: join(folder, 'work'),
    merged: join(folder, 'merged'),
    cgroup: 'drydock-differential-agent',
  };
  writeFileSync(join(folder, 'spec'), encodeRecord('containerSpec', spec));
  const { status, stdout, stderr } = run(join(tools, 'runonce'), [join(tools, 'agent'), join(folder, 'spec'), '/sys/fs/cgroup', folder]);
  run('rmdir', ['/sys/fs/cgroup/drydock-differential-agent']);
  return `${stdout}\nstderr ${stderr}\nexit ${status}`;
}

/** Paths and numbers that cannot be equal. */
function normalise(text: string): string[] {
  return text
    .replaceAll(/lowerdir=[^,]*,upperdir=[^,]*,workdir=[^, ]*/g, 'lowerdir=L,upperdir=U,workdir=W')
    .replaceAll(/drydock-differential-(crun|agent)/g, 'CGROUP')
    .split('\n')
    .map((line) => line.trimEnd());
}

function compare(test: Case): string[] {
  const [crun, agent] = [byCrun(test), byAgent(test)].map((text) => normalise(test.intended.reduce((all, { pattern, by }) => all.replaceAll(pattern, by), text)));
  if (crun === undefined || agent === undefined || !crun.includes('== end')) return [`no output: ${crun?.join('\n')}`];
  const differences = crun.filter((line) => !agent.includes(line)).map((line) => `crun  only: ${line}`);
  differences.push(...agent.filter((line) => !crun.includes(line)).map((line) => `agent only: ${line}`));
  if (differences.length === 0 && crun.join('\n') !== agent.join('\n')) differences.push('the same lines in another order');
  if (process.env['DRYDOCK_SHOW'] !== undefined) console.log(crun.join('\n'));
  return differences;
}

if (!existsSync(join(image, 'bin'))) must('node', ['--import', 'tsx', join(root, 'images/unpack.ts'), 'docker.io/library/busybox:latest', image]);
const controllers = readFileSync('/sys/fs/cgroup/cgroup.controllers', 'utf8').trim().split(' ');
const bits = BigInt(`0x${/CapBnd:\t(.*)/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? '0'}`);
const held = capabilities.filter((_, bit) => (bits >> BigInt(bit)) & 1n).map((name) => `CAP_${name}`);
let failed = 0;
for (const test of cases(controllers, held)) {
  const differences = compare(test);
  console.log(`${differences.length === 0 ? 'ok  ' : 'FAIL'} ${test.sentence}`);
  for (const line of differences) console.log(`     ${line}`);
  if (differences.length > 0) failed += 1;
}
process.exit(failed === 0 ? 0 : 1);
