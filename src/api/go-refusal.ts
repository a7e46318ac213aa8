import type { z } from 'zod';
import { NumberLiteral } from '../protocol/engine-api/go-values.ts';

type Issue = z.core.$ZodIssue;

/** Go's types by what a schema expected; of lists and maps, by the member's name. */
const goTypes: ReadonlyMap<string, string> = new Map([
  ['string', 'string'],
  ['boolean', 'bool'],
  ['array', '[]string'],
  ['record', 'map[string]string'],
]);
const typesByMember: ReadonlyMap<string, string> = new Map([
  ['Mounts', '[]mount.Mount'],
  ['Ulimits', '[]*units.Ulimit'],
  ['Devices', '[]container.DeviceMapping'],
  ['DeviceRequests', '[]container.DeviceRequest'],
  ['PortBindings', 'nat.PortMap'],
  ['ExposedPorts', 'nat.PortSet'],
  ['Volumes', 'map[string]struct {}'],
  ['EndpointsConfig', 'map[string]*network.EndpointSettings'],
  ['HostConfig', 'container.HostConfig'],
  ['NetworkingConfig', 'network.NetworkingConfig'],
  ['Healthcheck', 'v1.HealthcheckConfig'],
  ['ConsoleSize', '[2]uint'],
  ['RestartPolicy', 'container.RestartPolicy'],
  ['LogConfig', 'container.LogConfig'],
]);

/** Of what is in a list or a map, by the name of that. */
const elementTypes: ReadonlyMap<string, string> = new Map([
  ['Mounts', 'mount.Mount'],
  ['Ulimits', 'units.Ulimit'],
  ['Devices', 'container.DeviceMapping'],
  ['DeviceRequests', 'container.DeviceRequest'],
  ['EndpointsConfig', 'network.EndpointSettings'],
  ['ExposedPorts', 'struct {}'],
  ['Volumes', 'struct {}'],
]);

/**
 * What Go's decoder says of a value that does not fit, "json: cannot unmarshal number 1.5 into Go struct field .HostConfig.Memory of type int64"
 * (encoding/json, UnmarshalTypeError; asked of Docker 28.5).
 */
export function refusal(issue: Issue, body: unknown, goName: string): string {
  const path = issue.path.map(String);
  const found = valueAt(body, path);
  if (issue.code === 'invalid_union') return `json: cannot unmarshal ${kindOf(found)} into Go value of type string`;
  const type = typeOf(issue, path);
  if (type === undefined) return `${path.join('.')}: ${issue.message}`;
  if (path.length === 0)
    return `json: cannot unmarshal ${kindOf(found)} into Go value of type ${type === 'object' ? `container.${goName === '' ? 'CreateRequest' : goName}` : type}`;
  // Only of a number that would fit another number the text is told.
  const kind = issue.code === 'custom' && kindOf(found) === 'number' ? `number ${textOf(found)}` : kindOf(found);
  const isElement = typeof issue.path.at(-1) === 'number';
  return `json: cannot unmarshal ${kind} into ${isElement ? '' : 'Go struct field '}${goName}.${path.map(escaped).join('.')} of type ${type}`;
}

function typeOf(issue: Issue, path: readonly string[]): string | undefined {
  if (issue.code === 'custom' && path.at(-2) === 'TmpfsOptions' && path.at(-1) === 'Mode') return 'fs.FileMode';
  if (issue.code === 'custom') return typeof issue.params?.['goType'] === 'string' ? issue.params['goType'] : undefined;
  if (issue.code !== 'invalid_type') return undefined;
  if (path.at(-2) === 'PortBindings' && issue.expected === 'array') return '[]nat.PortBinding';
  if (path.at(-3) === 'PortBindings' && issue.expected === 'object') return 'nat.PortBinding';
  if (path.at(-3) === 'Mounts' && path.at(-1) === 'Type') return 'mount.Type';
  if (issue.expected === 'object' && elementTypes.has(path.at(-2) ?? '')) return elementTypes.get(path.at(-2) ?? '');
  const byName = issue.expected === 'string' || issue.expected === 'boolean' ? undefined : typesByMember.get(path.at(-1) ?? '');
  return byName ?? goTypes.get(issue.expected) ?? (issue.expected === 'object' ? 'object' : undefined);
}

/** Members are found whatever their case, as Go finds them. */
function valueAt(body: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>((value, name) => {
    if (typeof value !== 'object' || value === null) return undefined;
    const entry =
      Object.entries(value).find(([key]) => key === name) ??
      Object.entries(value).find(([key]) => key.toLowerCase() === name.toLowerCase());
    return entry?.[1];
  }, body);
}

function kindOf(value: unknown): string {
  if (value instanceof NumberLiteral) return 'number';
  if (Array.isArray(value)) return 'array';
  return typeof value === 'boolean' ? 'bool' : typeof value;
}

function textOf(value: unknown): string {
  return value instanceof NumberLiteral ? value.text : String(value);
}

/** As in a JSON pointer. */
function escaped(name: string): string {
  return name.replaceAll('~', '~0').replaceAll('/', '~1');
}
