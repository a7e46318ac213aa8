import { toRecord } from '../../../base/record.ts';
import type { ContainerSummary, NetworkSettings } from '../../../protocol/engine-api.ts';
import { defaultGateways, leadsOutside } from '../run/join-networks.ts';
import type { Container } from '../container.ts';
import type { Needs } from '../context.ts';

interface ShownPort {
  /** "80/tcp" */
  readonly name: string;
  /** null: others on its networks reach it, nobody else. */
  readonly binding: { readonly HostIp: string; readonly HostPort: string } | null;
}

/** What is published, and what is exposed beside it; none without a network that leads outside, as in Docker. */
function shownPorts({ networks }: Needs<'networks'>, container: Container): ShownPort[] {
  if (!leadsOutside(defaultGateways(networks, container))) return [];
  const published = (container.publication?.ports ?? []).map(({ protocol, inside, address, outside }) => ({
    name: `${inside}/${protocol}`,
    binding: { HostIp: address, HostPort: String(outside) },
  }));
  const names = new Set(published.map(({ name }) => name));
  const exposed = Object.keys(container.config.ExposedPorts ?? {}).filter((name) => !names.has(name));
  return [...published, ...exposed.map((name) => ({ name, binding: null }))];
}

/** As inspect shows them. */
export function inspectedPorts(context: Needs<'networks'>, container: Container): NetworkSettings['Ports'] {
  const ports = shownPorts(context, container);
  const names = [...new Set(ports.map(({ name }) => name))].sort();
  return toRecord(
    names.map((wanted) => {
      const bindings = ports.flatMap(({ name, binding }) => (name === wanted && binding !== null ? [binding] : []));
      return [wanted, bindings.length === 0 ? null : bindings];
    }),
  );
}

/** As a list shows them. */
export function listedPorts(context: Needs<'networks'>, container: Container): ContainerSummary['Ports'] {
  return shownPorts(context, container).map(({ name, binding }) => {
    const [number = '0', type = 'tcp'] = name.split('/');
    const PrivatePort = Number(number);
    if (binding === null) return { PrivatePort, Type: type };
    return { IP: binding.HostIp, PrivatePort, PublicPort: Number(binding.HostPort), Type: type };
  });
}
