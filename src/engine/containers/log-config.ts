import { AppError } from '../../base/errors.ts';
import { ownValue } from '../../base/record.ts';
import type { HostConfig } from '../../protocol/engine-api.ts';

type LogConfig = HostConfig['LogConfig'];

/** Drivers that send elsewhere; the engine keeps what they would send. */
const remoteDrivers = ['awslogs', 'fluentd', 'gcplogs', 'gelf', 'journald', 'splunk', 'syslog'];
/** daemon/logger/loggerutils and plugin: for every driver. */
const commonOptions = ['mode', 'max-buffer-size', 'cache-disabled', 'cache-max-size', 'cache-max-file', 'cache-compress'];
const optionsOf: Readonly<Record<string, readonly string[]>> = {
  'json-file': ['max-file', 'max-size', 'compress', 'labels', 'labels-regex', 'env', 'env-regex', 'tag'],
  local: ['max-file', 'max-size', 'compress'],
};
/** Bytes of a container's log that the engine keeps, whatever the driver would. */
const mostKept = 16 * 1024 * 1024;

/** daemon/logs.go, mergeAndVerifyLogConfig. @throws AppError invalid, in Docker's words */
export function checkLogConfig(config: LogConfig): void {
  const { Type: type, Config: options } = config;
  if (type === '' || type === 'none' || remoteDrivers.includes(type)) return;
  const known = ownValue(optionsOf, type);
  if (known === undefined) throw invalid(`error looking up logging plugin ${type}: plugin "${type}" not found`);
  for (const name of Object.keys(options ?? {})) {
    if (!known.includes(name) && !commonOptions.includes(name)) throw unknownOption(name, type);
  }
  checkMode(options ?? {});
}

/** daemon/logger/jsonfilelog and local each have their own words. */
function unknownOption(name: string, driver: string): AppError {
  return invalid(
    driver === 'local' ? `unknown log opt '${name}' for log driver local` : `unknown log opt '${name}' for ${driver} log driver`,
  );
}

/** daemon/logger/factory.go, ValidateLogOpts. */
function checkMode({ mode, 'max-buffer-size': buffer }: Readonly<Record<string, string>>): void {
  if (mode !== undefined && !['', 'blocking', 'non-blocking'].includes(mode)) throw invalid(`logger: logging mode not supported: ${mode}`);
  if (buffer === undefined) return;
  if (mode !== 'non-blocking') throw invalid("logger: max-buffer-size option is only supported with 'mode=non-blocking'");
  if (bytesOf(buffer) === null) throw invalid(`error parsing option max-buffer-size: invalid size: '${buffer}'`);
}

/** Known options that change nothing here: one driver keeps all, in memory, and nobody waits for it. */
const withoutEffect = [
  'compress',
  'tag',
  'mode',
  'max-buffer-size',
  'cache-disabled',
  'cache-max-size',
  'cache-max-file',
  'cache-compress',
];

/** What was asked for and will not happen. */
export function logWarnings({ Type: type, Config: options }: LogConfig): string[] {
  if (remoteDrivers.includes(type)) return [`Logging driver ${type} is not available: json-file is used`];
  const given = Object.keys(options ?? {}).filter((name) => withoutEffect.includes(name));
  return given.map((name) => `Log option ${name} is discarded: logs are kept in memory`);
}

/** What a driver says of its options only when it begins (daemon/start.go). @throws AppError internal */
export function checkLogStart({ Type: type, Config: options }: LogConfig): void {
  if (type === 'none' || remoteDrivers.includes(type)) return;
  const { 'max-size': size, 'max-file': files = '1', compress = 'false' } = options ?? {};
  if (size !== undefined && (bytesOf(size) ?? 0) <= 0) throw cannotBegin(`invalid size: '${size}'`);
  if (!/^\d{1,9}$/.test(files)) throw cannotBegin(`strconv.Atoi: parsing "${files}": invalid syntax`);
  if (Number(files) < 1) throw cannotBegin('max-file cannot be less than 1');
  if (compress === 'true' && (size === undefined || Number(files) < 2))
    throw cannotBegin('compress cannot be true when max-file is less than 2 or max-size is not set');
}

function cannotBegin(why: string): AppError {
  return new AppError('internal', `failed to create task for container: failed to initialize logging driver: ${why}`);
}

/** How much of a log is kept: all files of `max-size` together. 0: nothing, driver `none`. What makes no sense is told at the start. */
export function logBytesKept({ Type: type, Config: options }: LogConfig): number {
  if (type === 'none') return 0;
  const { 'max-size': size, 'max-file': files = '1' } = options ?? {};
  const each = size === undefined ? null : bytesOf(size);
  return each === null ? mostKept : Math.min(mostKept, each * Math.max(1, Number(files) || 1));
}

/** What json-file writes beside a line (its key, stream and time) counts against `max-size`; without one only memory does. */
export function logRecordCost({ Config: options }: LogConfig): number {
  return options?.['max-size'] === undefined ? 0 : 64;
}

const unitBytes: Readonly<Record<string, number>> = { '': 1, k: 1e3, m: 1e6, g: 1e9, t: 1e12 };

/** docker/go-units, FromHumanSize: decimal units. null: no size. */
function bytesOf(text: string): number | null {
  const [, amount, unit = ''] = /^(\d{1,15}(?:\.\d{1,15})?) ?([kmgt]?)b?$/i.exec(text) ?? [];
  return amount === undefined ? null : Number(amount) * (unitBytes[unit.toLowerCase()] ?? 1);
}

function invalid(message: string): AppError {
  return new AppError('invalid', message);
}
