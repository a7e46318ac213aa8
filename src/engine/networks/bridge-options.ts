import { AppError } from '../../base/errors.ts';
import { readBool } from '../../grammar/strconv.ts';
import { isAddress4 } from '../../grammar/address.ts';
import { ownValue } from '../../base/record.ts';

/** What `--opt` says of a bridge (libnetwork, drivers/bridge, fromLabels). */
export interface BridgeOptions {
  /** '' = br- and the ID's first digits. */
  readonly name: string;
  readonly mtu: number;
  /** Containers on it reach each other. */
  readonly icc: boolean;
  readonly masquerade: boolean;
}

const prefix = 'com.docker.network.';
/** IFNAMSIZ without the end. */
const longestName = 15;

/** Unknown options are kept and mean nothing, as in Docker. @throws AppError invalid, internal, in Docker's words; not_implemented for what is not here */
export function bridgeOptions(options: Readonly<Record<string, string>>): BridgeOptions {
  const text = (name: string): string => ownValue(options, `${prefix}${name}`) ?? '';
  const flag = (name: string, initial: boolean): boolean => {
    const value = ownValue(options, `${prefix}${name}`);
    if (value === undefined) return initial;
    const read = readBool(value);
    if (read === null) throw unreadable(name, value, `strconv.ParseBool: parsing "${value}": invalid syntax`);
    return read;
  };
  const name = text('bridge.name');
  if (name.length > longestName) throw new AppError('internal', 'numerical result out of range');
  if (/[/:\s]/.test(name) || name === '.' || name === '..') throw new AppError('internal', 'invalid argument');
  if (name === 'lo' || name.startsWith('veth')) throw new AppError('internal', `existing interface ${name} is not a bridge`);
  const binding = ownValue(options, `${prefix}bridge.host_binding_ipv4`);
  if (binding !== undefined && !isAddress4(binding)) throw unreadable('bridge.host_binding_ipv4', binding, 'nil ip');
  const mode = text('bridge.gateway_mode_ipv4');
  if (!['', 'nat', 'nat-unprotected', 'routed', 'isolated'].includes(mode))
    throw unreadable('bridge.gateway_mode_ipv4', mode, `unknown gateway mode ${mode}`);
  if (mode !== '' && mode !== 'nat')
    throw new AppError('not_implemented', `gateway mode ${mode} is not supported by this engine: networks are of mode nat`);
  flag('bridge.inhibit_ipv4', false);
  return { name, mtu: mtuOf(options), icc: flag('bridge.enable_icc', true), masquerade: flag('bridge.enable_ip_masquerade', true) };
}

function mtuOf(options: Readonly<Record<string, string>>): number {
  const value = ownValue(options, `${prefix}driver.mtu`);
  if (value === undefined) return 1500;
  if (!/^[+-]?\d+$/.test(value)) throw unreadable('driver.mtu', value, `strconv.Atoi: parsing "${value}": invalid syntax`);
  const mtu = Number(value);
  if (mtu < 0) throw new AppError('invalid', `invalid MTU number: ${mtu}`);
  // The kernel's own refusal of a bridge: 68 to 65535.
  if (mtu !== 0 && (mtu < 68 || mtu > 65535)) throw new AppError('internal', 'invalid argument');
  return mtu === 0 ? 1500 : mtu;
}

function unreadable(name: string, value: string, why: string): AppError {
  return new AppError('invalid', `failed to parse ${prefix}${name} value: ${value} (${why})`);
}
