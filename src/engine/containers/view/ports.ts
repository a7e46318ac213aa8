import { toRecord } from '../../../base/record.ts';
import type { ContainerSummary, NetworkSettings } from '../../../protocol/engine-api.ts';
import { defaultGateways } from '../run/join-networks.ts';
import type { Container } from '../container.ts';
import type { Needs } from '../context.ts';

interface ShownPort {
  /** "80/tcp" */
  readonly name: string;
  /** null: others on its networks reach it, nobody else. */
  readonly binding: { readonly HostIp: string; readonly HostPort: string } | null;
}

/** What is published, and what is exposed beside it; none without a bridge that leads outside, as in Docker. */
function shownPorts({ networks }: Needs<'networks'>, container: Container): ShownPort[] {
  const { v4, v6 } = defaultGateways(container);
  const isOnBridge = [v4, v6].some((place) => place !== null && (networks.store.lookup(place.networkId)?.bridge ?? null) !== null);
  if (!isOnBridge) return [];
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
  const bindings = new Map<string, NonNullable<ShownPort['binding']>[]>();
  for (const { name, binding } of ports) {
    const ofName = bindings.get(name) ?? [];
    bindings.set(name, ofName);
    if (binding !== null) ofName.push(binding);
  }
  const names = [...bindings].sort(([one], [other]) => (one < other ? -1 : 1));
  return toRecord(names.map(([name, ofName]) => [name, ofName.length === 0 ? null : ofName]));
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
