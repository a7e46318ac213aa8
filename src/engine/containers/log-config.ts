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
  if (known === undefined) throw invalid(`logger: no log driver named '${type}' is registered`);
  for (const name of Object.keys(options ?? {})) {
    if (!known.includes(name) && !commonOptions.includes(name)) throw invalid(`unknown log opt '${name}' for ${type} log driver`);
  }
  logBytesKept(config);
}

/** What was asked for and will not happen. */
export function logWarnings({ Type: type }: LogConfig): string[] {
  return remoteDrivers.includes(type) ? [`Logging driver ${type} is not available: json-file is used`] : [];
}

/** How much of a log is kept: all files of `max-size` together. 0: nothing, driver `none`. */
export function logBytesKept({ Type: type, Config: options }: LogConfig): number {
  if (type === 'none') return 0;
  const { 'max-size': size, 'max-file': files = '1' } = options ?? {};
  if (!/^\d+$/.test(files)) throw invalid(`failed to initialize logging driver: strconv.Atoi: parsing "${files}": invalid syntax`);
  if (Number(files) < 1) throw invalid('failed to initialize logging driver: max-file cannot be less than 1');
  return size === undefined ? mostKept : Math.min(mostKept, parseSize(size) * Number(files));
}

/** What json-file writes beside a line (its key, stream and time) counts against `max-size`; without one only memory does. */
export function logRecordCost({ Config: options }: LogConfig): number {
  return options?.['max-size'] === undefined ? 0 : 64;
}

const unitBytes: Readonly<Record<string, number>> = { '': 1, k: 1e3, m: 1e6, g: 1e9, t: 1e12 };

/** docker/go-units, FromHumanSize: decimal units. */
function parseSize(text: string): number {
  const [, amount, unit = ''] = /^(\d+(?:\.\d+)?) ?([kmgt]?)b?$/i.exec(text) ?? [];
  const bytes = Number(amount) * (unitBytes[unit.toLowerCase()] ?? 1);
  if (amount === undefined || bytes === 0) throw invalid(`failed to initialize logging driver: invalid size: '${text}'`);
  return bytes;
}

function invalid(message: string): AppError {
  return new AppError('invalid', message);
}
