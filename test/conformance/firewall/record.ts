/**
 * Asks a real Docker engine, started with --userland-proxy=false and with nothing on it but the image busybox, and writes down what it says and which rules it
 * makes: `npx tsx test/conformance/firewall/record.ts unix:///path/to/docker.sock "nsenter -t PID -m -n iptables" > recorded.txt` in this folder; with a
 * third word "6" the lines of lines6.ts, for recorded6.txt.
 */
import { execFileSync } from 'node:child_process';
import { docker } from './docker.ts';
import { lines } from './lines.ts';
import { lines6 } from './lines6.ts';
import { transcript } from './transcript.ts';

const [host = '', iptables = 'iptables', which = ''] = process.argv.slice(2);

function rulesOf(table: string, family: 'ip' | 'ip6'): string[] {
  const [command = '', ...rest] = (family === 'ip' ? iptables : iptables.replace(/iptables$/, 'ip6tables')).split(' ');
  return execFileSync(command, [...rest, '-t', table, '-S'], { encoding: 'utf8' })
    .trim()
    .split('\n');
}

process.stdout.write(await transcript(which === '6' ? lines6 : lines, (args) => docker(host, args), rulesOf));
