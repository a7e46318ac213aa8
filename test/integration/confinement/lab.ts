import { fromUtf8 } from '../../../src/base/bytes.ts';
import { request } from '../../../src/guest/request.ts';
import type { Machine } from '../../../src/machine/machine.ts';
import { hostKind } from '../../../src/protocol/agent.ts';
import { output } from '../machine/guest.ts';
import { Containers, dockerCapabilities, mountFlag, type ContainerSpec, type Outcome } from '../agent/containers.ts';

/** What no container may ever read; it is in the guest's /root. */
export const hostSecret = 'secret of the host';

export const capability = { sysPtrace: 1n << 19n, sysAdmin: 1n << 21n } as const;
const sharedFolder = '/tmp/shared';

export interface Race {
  /** Run once, before the attempt begins. */
  readonly first?: string;
  readonly script: string;
  readonly capabilities?: bigint;
}

/** One guest for all attacks: who attacks in it, and how one sees whether it came through. */
export class Lab {
  readonly containers: Containers;
  readonly #machine: Machine;

  constructor(machine: Machine) {
    this.#machine = machine;
    this.containers = new Containers(machine);
  }

  get machine(): Machine {
    return this.#machine;
  }

  async prepare(): Promise<void> {
    await this.host(`echo ${hostSecret} >/root/secret; mkdir -p ${sharedFolder}`);
  }

  /** A script of the guest's root, outside of all containers. */
  host(script: string): Promise<string> {
    return output(this.#machine, script);
  }

  /** Files of the guest that attackers want to make are called `pwned…`; what is in volumes and containers is theirs. */
  async pwned(): Promise<string> {
    const places = '/ /etc /root /bin /sys/fs/cgroup /run/drydock /run/drydock/containers /proc/1 /dev /var/lib/drydock';
    return this.host(`for place in ${places}; do ls -d $place/pwned* 2>/dev/null; done; true`);
  }

  /** A folder that two containers share, each at /shared. */
  sharedMount(): NonNullable<ContainerSpec['mounts']>[number] {
    return { source: sharedFolder, target: '/shared', type: 'bind', flags: mountFlag.bind };
  }

  /** Something in a container's own layer before its first start, as a hostile image brings it. */
  async plant(id: string, script: string): Promise<void> {
    const { upper } = this.containers.folders(id);
    await this.host(`mkdir -p ${upper} && cd ${upper} && ${script}`);
  }

  /** `containers.run` where an earlier start may have failed: what that left is taken away first, as the engine does. */
  async runAnew(...run: Parameters<Containers['run']>): Promise<Outcome> {
    await this.containers.remove(run[0]);
    return this.containers.run(...run);
  }

  /** Runs `script` over and over in a container of its own while `attempt` is made; how often it ran is told afterwards. */
  async racing(id: string, { first = '', script, capabilities = dockerCapabilities }: Race, attempt: () => Promise<void>): Promise<number> {
    const loop = `${first}
      n=0; echo ready; while [ ! -e /shared/stop ]; do ${script}
      n=$((n+1)); done; echo $n >/shared/count`;
    await this.host(`rm -rf ${sharedFolder}/*`);
    const racer = await this.containers.start(id, ['sh', '-c', loop], { mounts: [this.sharedMount()] }, { capabilities });
    await racer.stdout.read();
    try {
      await attempt();
    } finally {
      await this.host(`: >${sharedFolder}/stop`);
      await racer.exited;
      await this.containers.remove(id);
    }
    return Number(await this.host(`cat ${sharedFolder}/count`));
  }

  /** A file below a running container's root, as facts and checks read it. */
  async readBelow(where: { readonly pid: number } | { readonly root: string }, path: string): Promise<{ error: number; text: string }> {
    const { results } = await request(
      this.#machine.channel,
      { kind: hostKind.inspect, ask: 'inspectSpec', answer: 'inspectReply' },
      { items: [{ op: 1, path, max: 4096, ...where }] },
    );
    return { error: results[0]?.error ?? -1, text: fromUtf8(results[0]?.data ?? new Uint8Array()) };
  }
}
