import type { Said } from './docker.ts';

/** Policies of chains that no rule is in are the kernel's, whether iptables has made them or not. */
const unused: ReadonlySet<string> = new Set([
  '-P INPUT ACCEPT',
  '-P OUTPUT ACCEPT',
  '-P PREROUTING ACCEPT',
  '-P FORWARD ACCEPT',
  '-P POSTROUTING ACCEPT',
]);

/** What each line said, and the rules where they are asked for; IDs are masked. */
export async function transcript(
  lines: readonly string[],
  docker: (args: readonly string[]) => Promise<Said>,
  rulesOf: (table: string, family: 'ip' | 'ip6') => readonly string[] | Promise<readonly string[]>,
): Promise<string> {
  const said: string[] = [];
  for (const line of lines) {
    said.push(`$ ${line}`);
    if (line === 'rules' || line === 'rules6') {
      for (const table of ['nat', 'filter', 'raw'])
        said.push(
          ...(await rulesOf(table, line === 'rules' ? 'ip' : 'ip6')).flatMap((rule) => (unused.has(rule) ? [] : [`${table} ${rule}`])),
        );
      continue;
    }
    const { code, stdout, stderr } = await docker(words(line));
    const text = `${stdout}${stderr}`.replace(/\b[0-9a-f]{64}\b/g, 'ID').replace(/\n\nRun 'docker .*' for more information/, '');
    said.push(...text.split('\n').filter((each) => each !== ''), ...(code === 0 ? [] : [`exit ${code}`]));
  }
  return `${said.join('\n')}\n`;
}

/** {{json .X}} is one word. */
function words(line: string): string[] {
  const format = /\{\{.*\}\}/.exec(line)?.[0];
  if (format === undefined) return line.split(' ');
  return line
    .replace(format, '{{}}')
    .split(' ')
    .map((word) => word.replace('{{}}', format));
}
