import { AppError } from '../../../base/errors.ts';
import { modeType } from '../../../base/file-tree.ts';
import { anyDevice, deviceAccess, type AgentRecordInput } from '../../../protocol/agent.ts';
import type { HostConfig } from '../../../protocol/engine-api.ts';
import { splitDevice, type FileStat } from '../../../protocol/facts.ts';
import type { GuestFacts } from '../../runtime.ts';

type Device = AgentRecordInput<'device'>;

/** runtime-spec config-linux.md, "Default Devices": major and minor of character devices. */
export const standardDevices: readonly Device[] = (
  [
    ['null', 1, 3],
    ['zero', 1, 5],
    ['full', 1, 7],
    ['random', 1, 8],
    ['urandom', 1, 9],
    ['tty', 5, 0],
  ] as const
).map(([name, major, minor]) => ({ path: `/dev/${name}`, type: 'c', major, minor, mode: 0o666 }));

/** Of /dev: made by the runtime for each container, or no devices at all (runc, libcontainer/devices). */
const notShared = ['pts', 'shm', 'fd', 'mqueue', 'console', 'ptmx'];

type DeviceRule = AgentRecordInput<'deviceRule'>;

const accessOf: Readonly<Record<string, number>> = { m: deviceAccess.mknod, r: deviceAccess.read, w: deviceAccess.write };

export interface ContainerDevices {
  /** In its /dev. */
  readonly devices: readonly Device[];
  /** What it may do with which, beyond the standard devices. */
  readonly deviceRules: readonly DeviceRule[];
}

/**
 * What is in a container's /dev: the standard devices, then those of `--device`, or all of the guest with `--privileged`.
 * @throws AppError internal, in Docker's words, for what is no device of the guest
 */
export async function containerDevices(
  facts: GuestFacts,
  { Privileged: privileged, Devices: wanted, DeviceCgroupRules: given }: HostConfig,
): Promise<ContainerDevices> {
  if (privileged) return { devices: [...standardDevices, ...(await devicesBelow(facts, '/dev', '/dev'))], deviceRules: [] };
  const devices = [...standardDevices];
  const rules: DeviceRule[] = [];
  for (const mapping of wanted ?? []) {
    const own = await mappedDevices(facts, mapping);
    const access = accessBits(mapping.CgroupPermissions === '' ? 'rwm' : mapping.CgroupPermissions);
    devices.push(...own);
    rules.push(...own.map(({ type = 'c', major = 0, minor = 0 }) => ({ type, major, minor, access })));
  }
  return { devices, deviceRules: merged([...rules, ...(given ?? []).map(parseDeviceRule)]) };
}

/**
 * `c 13:* rw`, of `--device-cgroup-rule` (daemon/pkg/oci, AppendDevicePermissionsFromCgroupRules).
 * @throws AppError internal, in Docker's words
 */
export function parseDeviceRule(text: string): DeviceRule {
  const [, type, major, minor, access] = /^([acb]) ([0-9]+|\*):([0-9]+|\*) ([rwm]{1,3})$/.exec(text) ?? [];
  if (type === undefined || major === undefined || minor === undefined || access === undefined)
    throw new AppError('internal', `invalid device cgroup rule format: '${text}'`);
  return { type, major: deviceNumber(major), minor: deviceNumber(minor), access: accessBits(access) };
}

/** Beyond 32 bits no device is meant; the kernel has none. */
function deviceNumber(text: string): number {
  return text === '*' ? anyDevice : Math.min(Number(text), anyDevice - 1);
}

function accessBits(letters: string): number {
  return [...letters].reduce((bits, letter) => bits | (accessOf[letter] ?? 0), 0);
}

/** Rules of one device allow together what they allow singly (libcontainer/devices, Emulator). */
function merged(rules: readonly DeviceRule[]): DeviceRule[] {
  const found = new Map<string, DeviceRule>();
  for (const rule of rules) {
    const key = `${rule.type} ${rule.major}:${rule.minor}`;
    found.set(key, { ...rule, access: (found.get(key)?.access ?? 0) | (rule.access ?? 0) });
  }
  return [...found.values()];
}

/** daemon/oci_linux.go and oci/devices_linux.go: a device, or a folder of them. */
async function mappedDevices(
  facts: GuestFacts,
  { PathOnHost: source, PathInContainer: given }: NonNullable<HostConfig['Devices']>[number],
): Promise<Device[]> {
  const target = given === '' ? source : given;
  const [found] = await facts.inspect([{ op: 'stat', path: source }]);
  const stat = found?.stat ?? null;
  if (stat === null) throw noDevice(source, 'no such file or directory');
  const device = toDevice(target, stat);
  if (device !== null) return [device];
  const inside = (stat.mode & modeType.mask) === modeType.directory ? await devicesBelow(facts, source, target) : [];
  if (inside.length === 0) throw noDevice(source, 'not a device node');
  return inside;
}

async function devicesBelow(facts: GuestFacts, source: string, target: string): Promise<Device[]> {
  const [list] = await facts.inspect([{ op: 'list', path: source }]);
  const names = (list?.names ?? []).filter((name) => source !== '/dev' || !notShared.includes(name));
  const stats = names.length === 0 ? [] : await facts.inspect(names.map((name) => ({ op: 'lstat', path: `${source}/${name}` })));
  const devices: Device[] = [];
  for (const [index, name] of names.entries()) {
    const stat = stats[index]?.stat ?? null;
    if (stat === null) continue;
    const device = toDevice(`${target}/${name}`, stat);
    if (device !== null) devices.push(device);
    else if ((stat.mode & modeType.mask) === modeType.directory)
      devices.push(...(await devicesBelow(facts, `${source}/${name}`, `${target}/${name}`)));
  }
  return devices;
}

/** null for what is no device. */
function toDevice(path: string, { mode, rdev, uid, gid }: FileStat): Device | null {
  const type = mode & modeType.mask;
  if (type !== modeType.characterDevice && type !== modeType.blockDevice) return null;
  return { path, type: type === modeType.blockDevice ? 'b' : 'c', ...splitDevice(rdev), mode: mode & 0o7777, uid, gid };
}

function noDevice(path: string, why: string): AppError {
  return new AppError('internal', `error gathering device information while adding custom device "${path}": ${why}`);
}
