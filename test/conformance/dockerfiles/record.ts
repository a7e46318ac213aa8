/**
 * `npm run dockerfiles:record -- SOCKET`: has a real Docker Engine with buildx build each case (`FROM busybox` is an image that it has), and writes
 * what it said. Cases that are recorded already are kept; `--all` records them anew.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { folder, readCases, readRecorded, type Recorded } from './read-cases.ts';

const [socket, all] = process.argv.slice(2);
if (socket === undefined) throw new Error('usage: npm run dockerfiles:record -- SOCKET [--all]');
const context = mkdtempSync(join(tmpdir(), 'dockerfiles-'));

function docker(...words: readonly string[]): { readonly ok: boolean; readonly out: string; readonly err: string } {
  const { status, stdout, stderr } = spawnSync('docker', ['-H', `unix://${socket}`, ...words], { encoding: 'utf8' });
  return { ok: status === 0, out: stdout, err: stderr };
}

function record(options: readonly string[]): Recorded {
  const built = docker('buildx', 'build', '--progress=plain', '-t', 'case', ...options, context);
  return { ...(built.ok ? { ...image(), steps: steps(built.err) } : failure(built.err)), ...warnings(options) };
}

/** Those of the file: what BuildKit does for itself (`[internal] load …`, exporting) is left out. */
function steps(said: string): readonly string[] {
  const names = [...said.matchAll(/^#\d+ (\[(?!internal\]).*)$/gm)].map(([, name = '']) => name);
  return [...new Set(names)].sort();
}

function image(): Recorded {
  const history = docker('history', '--no-trunc', '--format', '{{json .CreatedBy}}', 'case').out.trim().split('\n').slice(0, -1);
  return {
    config: JSON.parse(docker('image', 'inspect', 'case', '-f', '{{json .Config}}').out) as Record<string, unknown>,
    history: history.map((line) => JSON.parse(line) as string),
    layers: Number(docker('image', 'inspect', 'case', '-f', '{{len .RootFS.Layers}}').out) - 1,
  };
}

function failure(said: string): Recorded {
  const error = said.slice(said.lastIndexOf('ERROR: ') + 'ERROR: '.length).trim();
  const shown = /\nDockerfile:\d+\n-{20}\n([^]*?)-{20}\n/.exec(said)?.[1] ?? '';
  const lines = [...shown.matchAll(/^ *(\d+) \| >>>/gm)].map(([, line]) => Number(line));
  return {
    error: error
      .replace('failed to build: failed to solve: ', '')
      .replace(/of ref \S+:/, 'of ref ID:')
      // Where a registry was asked for it depends on the machine.
      .replace(/(failed to resolve source metadata for \S+): .*/, '$1'),
    ...(lines.length > 0 ? { lines } : {}),
  };
}

interface Checked {
  readonly warnings?:
    | null
    | readonly {
        readonly ruleName: string;
        readonly detail?: string;
        readonly location?: {
          readonly ranges?: readonly { readonly start: { readonly line: number }; readonly end: { readonly line: number } }[];
        };
      }[];
}

function warnings(options: readonly string[]): Recorded {
  const { out } = docker('buildx', 'build', '--progress=quiet', '--call', 'check,format=json', ...options, context);
  if (!out.trimStart().startsWith('{')) return {};
  const { warnings: found } = JSON.parse(out) as Checked;
  return {
    warnings: (found ?? []).map(({ ruleName, detail = '', location }) => ({
      rule: ruleName,
      detail,
      lines: [...new Set((location?.ranges ?? []).flatMap(({ start, end }) => [start.line, end.line]))],
    })),
  };
}

const before = readRecorded();
const recorded: Record<string, Recorded> = {};
for (const { name, text, options } of readCases()) {
  writeFileSync(join(context, 'Dockerfile'), text);
  recorded[name] = (all === '--all' ? undefined : before.get(name)) ?? record(options);
}
writeFileSync(join(folder, 'recorded.json'), `${JSON.stringify(recorded, null, 1)}\n`);
rmSync(context, { recursive: true });
