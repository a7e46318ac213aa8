/**
 * Asks a real Docker engine, started with --userland-proxy=false and with nothing on it but the image busybox, and writes down what it says and which rules it
 * makes: `npx tsx test/conformance/firewall/record.ts unix:///path/to/docker.sock "nsenter -t PID -m -n iptables" > recorded.txt` in this folder.
 */
import { execFileSync } from 'node:child_process';
import { docker } from './docker.ts';
import { lines } from './lines.ts';
import { transcript } from './transcript.ts';

const [host = '', iptables = 'iptables'] = process.argv.slice(2);

function rulesOf(table: string): string[] {
  const [command = '', ...rest] = iptables.split(' ');
  return execFileSync(command, [...rest, '-t', table, '-S'], { encoding: 'utf8' })
    .trim()
    .split('\n');
}

process.stdout.write(await transcript(lines, (args) => docker(host, args), rulesOf));
