import { utf8 } from '../../../base/bytes.ts';
import type { AgentRecordInput } from '../../../protocol/agent.ts';
import { ownValue } from '../../../base/record.ts';
import type { ContainerConfig, HostConfig } from '../../../protocol/engine-api.ts';
import type { Lease } from '../../networks/network.ts';
import type { Container } from '../container.ts';
import { mountFlag } from '../mounts/mount-flags.ts';
import type { ContainerStore } from '../store.ts';
import { resolvConf, type ResolvFacts } from './resolv-conf.ts';

export interface NameFacts {
  readonly hostname: string;
  readonly domainname: string;
  /** Addresses that the host name stands for; none on the host's network. */
  readonly addresses: readonly string[];
  /** "name:address"; host-gateway is already resolved. */
  readonly extraHosts: readonly string[];
  /** Lines of links. */
  readonly links: readonly string[];
  readonly ipv6: boolean;
  readonly resolver: ResolvFacts;
}

/** libnetwork/etchosts/etchosts.go */
const loopbackHosts = [
  '127.0.0.1\tlocalhost',
  '::1\tlocalhost ip6-localhost ip6-loopback',
  'fe00::\tip6-localnet',
  'ff00::\tip6-mcastprefix',
  'ff02::1\tip6-allnodes',
  'ff02::2\tip6-allrouters',
];

/** /etc/hosts, /etc/hostname and /etc/resolv.conf of a container, as Docker writes them. */
export function nameFiles(facts: NameFacts): AgentRecordInput<'file'>[] {
  return [
    textFile('/etc/resolv.conf', resolvConf(facts.resolver)),
    textFile('/etc/hostname', `${facts.hostname}\n`),
    textFile('/etc/hosts', hosts(facts)),
  ];
}

/** Where the guest has a container's hosts, hostname and resolv.conf while it runs. */
export function nameFilesFolder(container: string): string {
  return `/run/drydock/containers/${container}`;
}

/** ID of the container whose files they are: its own, or those of the one whose network it shares (daemon, initializeNetworking). */
export function nameFilesOwner(store: Pick<ContainerStore, 'byId'>, { id, modes: { network } }: Pick<Container, 'id' | 'modes'>): string {
  if (network.kind !== 'container') return id;
  const other = store.byId(network.reference);
  return other === null || other.id === id ? network.reference : nameFilesOwner(store, other);
}

/** The same files, not copies: what either container writes, the other reads. */
export function sharedNameFiles(owner: string, { readOnly }: { readonly readOnly: boolean }): AgentRecordInput<'mount'>[] {
  const flags = mountFlag.bind | (readOnly ? mountFlag.rdonly : 0);
  return ['resolv.conf', 'hostname', 'hosts'].map((name) => ({
    source: `${nameFilesFolder(owner)}/${name}`,
    target: `/etc/${name}`,
    type: 'bind',
    flags,
  }));
}

/** The line of a container's own address in its /etc/hosts. */
export function hostLine(
  { Hostname: name, Domainname: domain }: Pick<ContainerConfig, 'Hostname' | 'Domainname'>,
  address: string,
): string {
  return `${address}\t${domain === '' ? name : `${name}.${domain} ${name}`}`;
}

/** What a container's host name stands for on a network: nothing of IPv6 where its user has switched that off. */
export function hostAddresses(link: Lease['link'], hostConfig: Pick<HostConfig, 'Sysctls'>): string[] {
  const addresses = link === null ? [] : [link.address, hasIpv6(hostConfig) ? link.address6 : ''];
  return addresses.filter((address) => address !== '');
}

export function hasIpv6({ Sysctls: sysctls }: Pick<HostConfig, 'Sysctls'>): boolean {
  return ownValue(sysctls ?? {}, 'net.ipv6.conf.all.disable_ipv6') !== '1';
}

function hosts({ hostname, domainname, addresses, extraHosts, links, ipv6 }: NameFacts): string {
  const extra = extraHosts.map((entry) => {
    const colon = entry.indexOf(':');
    return `${entry.slice(colon + 1)}\t${entry.slice(0, colon)}`;
  });
  return [
    ...loopbackHosts.filter((line) => ipv6 || !line.includes(':')),
    ...extra,
    ...links,
    ...addresses.map((address) => hostLine({ Hostname: hostname, Domainname: domainname }, address)),
  ]
    .map((line) => `${line}\n`)
    .join('');
}

function textFile(path: string, text: string): AgentRecordInput<'file'> {
  return { path, mode: 0o644, contents: utf8(text) };
}
