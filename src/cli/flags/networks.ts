import { toRecord } from '../../base/record.ts';
import type { Steps } from '../../base/steps.ts';
import { FlagValueError, messageOf } from '../errors.ts';
import { csvFields } from './csv.ts';
import { parseInteger, type Integer } from '../../grammar/strconv.ts';

/** One `--network`. */
export interface NetworkOption {
  readonly target: string;
  readonly aliases: readonly string[];
  readonly links: readonly string[];
  readonly driverOptions: Readonly<Record<string, string>>;
  readonly ipv4: string;
  readonly ipv6: string;
  readonly linkLocal: readonly string[];
  readonly mac: string;
  readonly priority: Integer;
}

const plain: NetworkOption = {
  target: '',
  aliases: [],
  links: [],
  driverOptions: {},
  ipv4: '',
  ipv6: '',
  linkLocal: [],
  mac: '',
  priority: 0,
};

export function plainNetwork(target: string): NetworkOption {
  return { ...plain, target };
}

/** `--network web` or `--network name=web,alias=db,ip=10.0.0.2` */
export function parseNetwork(text: string, steps?: Steps): NetworkOption {
  if (!/\w=\w/.test(text)) return plainNetwork(text);
  let option = plain;
  const lists: Lists = { alias: [], 'link-local-ip': [], 'driver-opt': [] };
  for (const field of csvFields(text, steps)) {
    const [key = '', ...rest] = field.split('=');
    if (rest.length === 0) throw new FlagValueError(`invalid field ${field}`);
    option = withField(option, lists, key.trim().toLowerCase(), rest.join('=').trim());
  }
  option = { ...option, aliases: lists.alias, linkLocal: lists['link-local-ip'], driverOptions: toRecord(lists['driver-opt']) };
  if (option.target === '') throw new FlagValueError('network name/id is not specified');
  return option;
}

/** What may be named more than once. */
interface Lists {
  readonly alias: string[];
  readonly 'link-local-ip': string[];
  readonly 'driver-opt': [name: string, value: string][];
}

/** @returns the option with what is named once; what is not goes to the lists */
function withField(option: NetworkOption, lists: Lists, key: string, value: string): NetworkOption {
  switch (key) {
    case 'name':
      return { ...option, target: value };
    case 'alias':
    case 'link-local-ip':
      lists[key].push(value);
      return option;
    case 'ip':
      return { ...option, ipv4: value };
    case 'ip6':
      return { ...option, ipv6: value };
    case 'mac-address':
      return { ...option, mac: value };
    case 'gw-priority':
      return { ...option, priority: priorityOf(value) };
    case 'driver-opt': {
      const [name = '', ...rest] = value.split('=');
      if (rest.length === 0) throw new FlagValueError(`invalid key value pair format in driver options`);
      lists['driver-opt'].push([name.trim().toLowerCase(), rest.join('=').trim()]);
      return option;
    }
    default:
      throw new FlagValueError(`invalid field key ${key}`);
  }
}

function priorityOf(text: string): Integer {
  try {
    return parseInteger(text);
  } catch (error) {
    throw new FlagValueError(`invalid gw-priority (${text}): ${messageOf(error).replace(/^.*: /, '')}`);
  }
}

/** Not default, bridge, host, none or another container's. */
export function isUserDefined(network: string): boolean {
  return !['', 'default', 'bridge', 'host', 'none'].includes(network) && !network.startsWith('container:');
}
