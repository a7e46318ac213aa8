import { AppError } from '../../base/errors.ts';
import { ownValue } from '../../base/record.ts';
import type { NetworkRecord, ParentDriver, ParentSettings } from './network.ts';

/** MACVLAN_MODE_*, IPVLAN_MODE_* and IPVLAN_F_* of linux/if_link.h. */
const macvlanModes: Readonly<Record<string, number>> = { private: 1, vepa: 2, bridge: 4, passthru: 8 };
const ipvlanModes: Readonly<Record<string, number>> = { l2: 0, l3: 1, l3s: 2 };
const ipvlanFlags: Readonly<Record<string, number>> = { bridge: 0, private: 1, vepa: 2 };

/** Before the first digits of the ID: the name of a parent that nobody named. */
const dummyPrefix: Readonly<Record<ParentDriver, string>> = { macvlan: 'dm-', ipvlan: 'di-' };

/**
 * What `--opt` says of a network upon another interface (libnetwork, drivers/macvlan and drivers/ipvlan, parseNetworkOptions). Unknown options mean
 * nothing, as in Docker. @throws AppError internal, as Docker gives it no class
 */
export function parentOptions(driver: ParentDriver, options: Readonly<Record<string, string>>, id: string): ParentSettings {
  const text = (name: string): string => ownValue(options, name) ?? '';
  const refuse = (why: string): AppError => new AppError('internal', why);
  const isMacvlan = driver === 'macvlan';
  const initial = isMacvlan ? 'bridge' : 'l2';
  const mode = text(`${driver}_mode`) || initial;
  const modeNumber = ownValue(isMacvlan ? macvlanModes : ipvlanModes, mode);
  if (modeNumber === undefined)
    throw refuse(`requested ${driver} mode '${mode}' is not valid, '${initial}' mode is the ${driver} driver default`);
  const flag = (isMacvlan ? '' : text('ipvlan_flag')) || 'bridge';
  const flagNumber = ownValue(ipvlanFlags, flag);
  if (flagNumber === undefined) throw refuse(`requested ipvlan flag '${flag}' is not valid, 'bridge' is the ipvlan driver default`);
  const parent = text('parent');
  if (parent === 'lo') throw refuse(`loopback interface is not a valid ${driver} parent link`);
  const isDummy = parent === '';
  return {
    driver,
    interfaceName: isDummy ? dummyName(driver, id) : parent,
    isDummy,
    mode: modeNumber,
    flags: flagNumber,
    routes: isMacvlan || mode === 'l2' ? 'gateway' : 'device',
  };
}

function dummyName(driver: ParentDriver, id: string): string {
  return `${dummyPrefix[driver]}${id.slice(0, 12)}`;
}

/** One network of ipvlan has an interface to itself; of macvlan, one in mode passthru. @throws AppError internal, as Docker gives it no class */
export function refuseSameParent(others: readonly Pick<NetworkRecord, 'id' | 'parent'>[], settings: ParentSettings): void {
  const { driver, interfaceName, mode } = settings;
  for (const { id, parent } of others) {
    if (parent?.driver !== driver || parent.interfaceName !== interfaceName) continue;
    const used = `is already using parent interface ${interfaceName}`;
    if (driver === 'ipvlan') throw new AppError('internal', `network ${dummyName(driver, id)} ${used}`);
    if (mode === macvlanModes.passthru) throw new AppError('internal', `cannot use mode passthru, macvlan network ${id} ${used}`);
    if (parent.mode === macvlanModes.passthru) throw new AppError('internal', `macvlan network ${id} ${used} in mode passthru`);
  }
}

/** An interface with a VLAN of its own, by its name. */
export interface VlanName {
  readonly parent: string;
  /** 1 to 4094. */
  readonly vlan: number;
}

/**
 * "eth0.10" (libnetwork, createVlanLink and parseVlan). @param exists whether the guest has an interface of that name
 * @throws AppError internal, as Docker gives it no class
 */
export async function vlanOf(name: string, exists: (name: string) => Promise<boolean>): Promise<VlanName> {
  const refuse = (why: string): AppError => new AppError('internal', why);
  const parts = name.split('.');
  if (parts.length === 1) throw refuse(`invalid subinterface vlan name ${name}, example formatting is eth0.10`);
  const [parent = '', text = ''] = parts;
  if (parts.length > 2) throw refuse(`required interface name format is: name.vlan_id, ex. eth0.10 for vlan 10, instead received ${name}`);
  // strconv.Atoi
  const number = /^[+-]?\d+$/.test(text) ? BigInt(text.replace('+', '')) : null;
  if (number === null || BigInt.asIntN(64, number) !== number)
    throw refuse(`unable to parse a valid vlan id from: ${text} (ex. eth0.10 for vlan 10)`);
  if (!(await exists(parent))) throw refuse(`-o parent interface was not found on the host: ${parent}`);
  if (number > 4094n || number < 1n) throw refuse(`vlan id must be between 1-4094, received: ${number}`);
  return { parent, vlan: Number(number) };
}
