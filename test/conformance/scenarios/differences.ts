import { printed, type Said, type Step } from './format.ts';

const ships = 'This playground cannot reach Docker Hub; it ships these images: <names>';

function refusedPull(line: string): string {
  const [, name = '', rest = ''] = /\b(nonesuch-image|busybox(?=@)|hello-world(?=:))(\S*)/.exec(line) ?? [];
  const tag = rest.startsWith(':') ? `; pull it, and docker tag gives it the tag ${rest.slice(1)}` : '';
  if (rest !== '')
    return `manifest for ${name}${rest.replace(/[0-9a-f]{64}/, '<id 1>')} not found: manifest unknown. This playground has ${name}:latest${tag}`;
  return `pull access denied for ${name}, repository does not exist or may require 'docker login'. ${ships}`;
}

/** Where our answer is another than the real engine's, and why that is right. */
interface Difference {
  readonly why: string;
  /** Of the line; any unless given. */
  readonly line?: RegExp;
  /** What the real engine says … */
  readonly real: RegExp;
  /** … and what stands in its place here. `$<line>` and groups as in String.replace. */
  readonly ours: string | ((line: string) => string);
}

export const differences: readonly Difference[] = [
  {
    why: 'the real one had no network, and no registry to be refused by; ours says which images there are',
    real: /Get "https:\/\/registry-1\.docker\.io[^\n]* network is unreachable/g,
    ours: refusedPull,
  },
  {
    why: "the real one was Debian's: its containerd leaves out the kind of an error, which Docker's own puts last",
    real: /((?:OCI runtime (?:create|exec) failed)[^\n<]*?)(?=<cr>|\n|$)/g,
    ours: '$1: unknown',
  },
  { why: 'the recording machine lacked a capability', real: /CapEff:\t000001fffeffffff/, ours: 'CapEff:\t000001ffffffffff' },
  { why: 'and had two processors', real: /2\.00, as there are only 2 CPUs/, ours: '1.00, as there are only 1 CPUs' },
  {
    why: 'runc 1.3.6 tells of system calls that are its own',
    real: /open sysctl net\.nonesuch file: unsafe procfs detected: openat2 fsmount:fscontext:proc\/\.\/sys\/net\/nonesuch/,
    ours: 'write sysctl net.nonesuch',
  },
];

export interface Compared {
  /** What differs without a reason, as a reader wants it: the line, what is missing, what is there instead. */
  readonly wrong: readonly string[];
  /** The reasons that were needed. */
  readonly reasons: ReadonlySet<string>;
}

/** @param ours the same lines, played */
export function compare(real: readonly Step[], ours: readonly Step[]): Compared {
  const reasons = new Set<string>();
  const wrong = real.flatMap(({ line, said }, index) => {
    const there = ours[index]?.said;
    if (said === undefined || there === undefined) return [`$ ${line}\nwas not recorded, or not played`];
    const wanted = explained(line, said, there, reasons);
    const [expected, got] = [printed(wanted), printed(there)];
    if (expected.join('\n') === got.join('\n')) return [];
    const lost = expected.filter((row) => !got.includes(row));
    const added = got.filter((row) => !expected.includes(row));
    const rows =
      lost.length + added.length > 0 ? [...shown('real', lost, added), ...shown('ours', added, lost)] : shown('real', expected, []);
    return [[`$ ${line}`, ...rows].join('\n')];
  });
  return { wrong, reasons };
}

/** Rows from where they differ from their counterparts: many are long. */
function shown(whose: string, rows: readonly string[], others: readonly string[]): readonly string[] {
  return rows.map((row, index) => {
    const other = others[index] ?? '';
    let same = 0;
    while (same < row.length && row[same] === other[same]) same++;
    return `  ${whose} ${same > 60 ? `…${row.slice(same - 40)}` : row}`.slice(0, 400);
  });
}

function explained(line: string, real: Said, ours: Said, reasons: Set<string>): Said {
  let wanted = real;
  for (const { why, line: of, real: from, ours: to } of differences) {
    if (of?.test(line) === false) continue;
    const rows = printed(wanted).join('\n');
    if (rows === printed(ours).join('\n')) break;
    const instead = (text: string): string => text.replace(from, typeof to === 'string' ? to : to(line));
    const changed = { ...wanted, stdout: instead(wanted.stdout), stderr: instead(wanted.stderr) };
    if (printed(changed).join('\n') === rows) continue;
    reasons.add(why);
    wanted = changed;
  }
  return wanted;
}
