import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createNodePlayground } from '../../../src/worker/node/playground.ts';
import type { LocalPlayground } from '../../../src/worker/playground.ts';
import { lines as firewallLines } from '../../conformance/firewall/lines.ts';
import { transcript } from '../../conformance/firewall/transcript.ts';
import { runLines } from '../../support/run-lines.ts';

const recorded = readFileSync(join(import.meta.dirname, '../../conformance/firewall/recorded.txt'), 'utf8');

describe("the tools in the guest's own root", () => {
  let playground: LocalPlayground;
  const run = runLines(() => playground);

  beforeAll(async () => {
    playground = await createNodePlayground();
    await run('docker pull -q busybox');
  });
  afterAll(() => playground.dispose());

  test("iptables shows what a real engine's host shows, after networks and published ports of many kinds", async () => {
    const rules = firewallLines.flatMap((line, at) => (line === 'rules' ? [at] : []));
    const first = firewallLines.slice(0, (rules[2] ?? 0) + 1);
    let count = 0;
    const ours = await transcript(
      first,
      async (args) => {
        const words = args.map((arg) => `'${arg}'`).join(' ');
        const { exitCode, stdout, stderr } = await playground.lines.run(`docker ${words}`, { id: `line ${(count += 1)}` });
        return { code: exitCode, stdout, stderr };
      },
      async (table) => (await run(`/usr/sbin/iptables -t ${table} -S`)).split('\n').filter(Boolean),
    );
    expect(recorded.startsWith(ours), ours).toBe(true);
    expect(ours).toContain('-j DNAT');
    await run('docker rm -f $(docker ps -aq) && docker network prune -f');
  });

  test('each of the tools runs and says what is so', async () => {
    const pid = (
      await run("docker run -d --name box --hostname box busybox sleep 1000 >/dev/null; docker inspect -f '{{.State.Pid}}' box")
    ).trim();
    const says = async (line: string, what: string | RegExp): Promise<void> => {
      const said = await run(line);
      if (typeof what === 'string') expect(said.trim(), line).toBe(what);
      else expect(said, line).toMatch(what);
    };
    await says('/usr/bin/unshare --pid --fork --mount-proc /usr/bin/ps -e -o pid= | wc -l', '1');
    await says(`/usr/bin/nsenter -t ${pid} --uts hostname`, 'box');
    await says(`lsns -t net -n -o PID`, new RegExp(`^ *${pid}$`, 'm'));
    await says(`findmnt -N ${pid} -n -o FSTYPE /`, 'overlay');
    await says('/usr/bin/mount -t tmpfs none /mnt && mountpoint /mnt && /usr/bin/umount /mnt', '/mnt is a mountpoint');
    await says(`prlimit --pid ${pid} --nofile -n -o SOFT`, /^\d+$/m);
    await says('/usr/bin/setpriv --reuid 1000 --regid 1000 --clear-groups id -u', '1000');
    await says('chrt -p 1; /usr/bin/taskset -p 1; choom -p 1', /SCHED_OTHER[\s\S]*affinity mask: 1[\s\S]*score/);
    await says('lsblk -n -o NAME; lscpu', /sda[\s\S]*i686/);
    await says('/usr/bin/ip -br link show docker0', /^docker0 +UP/);
    await says('bridge link', /master docker0 state forwarding/);
    await says(`/usr/bin/ip netns add blue && /usr/bin/ip netns exec blue /usr/bin/ip -br link; /usr/bin/ip netns del blue`, /^lo +DOWN/);
    await says('nc -l -p 4000 & sleep 1; ss -tlnH; kill $!', /:4000 /);
    await says('nft list table ip nat', /chain DOCKER/);
    await says('ip6tables -S INPUT', '-P INPUT ACCEPT');
    await says('ping -c 1 127.0.0.1 >/dev/null; conntrack -L -p icmp 2>/dev/null', /src=127\.0\.0\.1/);
    await says('capsh --decode=20000420', '0x0000000020000420=cap_kill,cap_net_bind_service,cap_audit_write');
    await says('getpcaps 1', '1: =ep');
    await says('cp /bin/busybox /tmp/x && setcap cap_net_raw+ep /tmp/x && getcap /tmp/x', '/tmp/x cap_net_raw=ep');
    await says("curl -s --unix-socket /var/run/docker.sock http://d/containers/json | jq -r '.[0].Names[0]'", '/box');
    await says('strace -f -e trace=execve /bin/true 2>&1', /execve\("\/bin\/true".*= 0/);
    await says(
      '(sleep 1; ping -c 3 127.0.0.1 >/dev/null) & timeout 20 tcpdump -ni lo -c 1 icmp 2>/dev/null',
      /127\.0\.0\.1 > 127\.0\.0\.1: ICMP echo request/,
    );
    await says(`/usr/bin/ps -o pid=,comm= -p ${pid}`, `${pid} sleep`);
    await says('pgrep -x sleep', new RegExp(`^${pid}$`, 'm'));
    await says(`pmap ${pid}; vmstat`, /total[\s\S]*procs/);
    await says(`/usr/bin/top -b -n 1 -p ${pid}`, /sleep\n$/);
    await says(
      'htop --version; nano --version; vim --version; /usr/bin/less --version',
      /htop 3[\s\S]*GNU nano[\s\S]*VIM - Vi[\s\S]*less 590/,
    );
    await says(
      'git init -q /tmp/r && cd /tmp/r && git -c user.name=a -c user.email=b commit -q --allow-empty -m first && git clone -q /tmp/r /tmp/s && git -C /tmp/s log --format=%s',
      'first',
    );
  });

  test('man has a page for them and for docker commands, and says where there is none', async () => {
    expect(await run('man unshare')).toContain('unshare - run a program in name spaces of its own');
    expect(await run('man docker run')).toContain('docker-run - Create and run a new container from an image');
    expect(await run('man nosuch 2>&1; echo $?; man ../../../etc/passwd 2>&1; true')).toBe(
      'No manual entry for nosuch\n16\nNo manual entry for ../../../etc/passwd\n',
    );
  });

  test('bash completes docker by what the engine has, and advises where a program is not here', async () => {
    const complete = (line: string): string =>
      `bash --rcfile /dev/null -ic '. /etc/bash.bashrc; COMP_LINE="${line}" COMP_POINT=\${#COMP_LINE}; _docker_complete; echo "\${COMPREPLY[@]}"' 2>/dev/null`;
    await run('docker run -d --name maple-one busybox sleep 1000 && docker network create maple-net');
    expect(await run(complete('docker stop map'))).toContain('maple-one');
    expect(await run(complete('docker network rm maple-'))).toContain('maple-net');
    expect(await run(complete('docker netw'))).toContain('network');
    expect(await run(complete('docker run --network-al'))).toContain('--network-alias');
    const absent = async (name: string): Promise<string> => run(`bash --rcfile /etc/bash.bashrc -ic '${name}' 2>&1 | grep ${name}; true`);
    expect(await absent('python')).toContain('python: not on the host; try docker run -it python:3.11-slim');
    expect(await absent('systemctl')).toContain('there is no systemd');
    expect(await absent('frobnicate')).toContain('frobnicate: command not found');
  });
});
