import { AppError, toAppError } from '../../../base/errors.ts';
import { ownValue } from '../../../base/record.ts';
import type { HostConfig } from '../../../protocol/engine-api.ts';
import { parseHumanSize, parseRamBytes } from '../../../grammar/units.ts';

type LogConfig = HostConfig['LogConfig'];
type Options = Readonly<Record<string, string>>;

/** Drivers that send elsewhere; the engine keeps what they would send. */
const remoteDrivers = ['awslogs', 'fluentd', 'gcplogs', 'gelf', 'journald', 'splunk', 'syslog'];
/** daemon/logger/factory.go: for every driver. */
const commonOptions = ['mode', 'max-buffer-size', 'cache-disabled', 'cache-max-size', 'cache-max-file', 'cache-compress'];
const optionsOf: Readonly<Record<string, readonly string[]>> = {
  'json-file': ['max-file', 'max-size', 'compress', 'labels', 'labels-regex', 'env', 'env-regex', 'tag'],
  local: ['max-file', 'max-size', 'compress'],
};
/** Bytes of a container's log that the engine keeps, whatever the driver would. */
const mostKept = 16 * 1024 * 1024;
const trues = ['1', 't', 'T', 'true', 'TRUE', 'True'];
const falses = ['0', 'f', 'F', 'false', 'FALSE', 'False'];

/** What Docker looks at when a container is made: daemon/logger/factory.go, ValidateLogOpts. @throws AppError invalid, in Docker's words */
export function checkLogConfig({ Type: type, Config: given }: LogConfig): void {
  const options = given ?? {};
  if (type === '' || type === 'none' || remoteDrivers.includes(type)) return;
  checkMode(options);
  const known = ownValue(optionsOf, type);
  if (known === undefined) throw invalid(`error looking up logging plugin ${type}: plugin "${type}" not found`);
  const disabled = options['cache-disabled'];
  if (disabled !== undefined && !trues.includes(disabled) && !falses.includes(disabled))
    throw invalid(`invalid value for option cache-disabled: ${disabled}`);
  for (const name of Object.keys(options)) {
    if (known.includes(name) || commonOptions.includes(name)) continue;
    throw invalid(type === 'local' ? `unknown log opt '${name}' for log driver local` : `unknown log opt '${name}' for ${type} log driver`);
  }
}

function checkMode({ mode = '', 'max-buffer-size': buffer }: Options): void {
  if (!['', 'blocking', 'non-blocking'].includes(mode)) throw invalid(`logger: logging mode not supported: ${mode}`);
  if (buffer === undefined) return;
  if (mode !== 'non-blocking') throw invalid("logger: max-buffer-size option is only supported with 'mode=non-blocking'");
  const size = sizeOf(buffer, parseRamBytes);
  if (typeof size === 'string') throw invalid(`error parsing option max-buffer-size: ${size}`);
}

/** What a driver looks at when it begins, with the container. @throws AppError internal, in Docker's words */
export function checkLogStart({ Type: type, Config: given }: LogConfig): void {
  const options = given ?? {};
  const wrong = type === 'json-file' ? wrongJsonFile(options) : type === 'local' ? wrongLocal(options) : null;
  if (wrong !== null) throw logStartFailure(wrong);
}

export function logStartFailure(why: string): AppError {
  return new AppError('internal', `failed to create task for container: failed to initialize logging driver: ${why}`);
}

/** daemon/logger/jsonfilelog/jsonfilelog.go, New. */
function wrongJsonFile({ 'max-size': size, 'max-file': files, compress }: Options): string | null {
  const bytes = size === undefined ? -1 : sizeOf(size);
  if (typeof bytes === 'string') return bytes;
  if (bytes === 0) return 'max-size must be a positive number';
  const count = files === undefined ? 1 : parseCount(files);
  if (typeof count === 'string') return count;
  if (count < 1) return 'max-file cannot be less than 1';
  if (compress === undefined || falses.includes(compress)) return null;
  if (!trues.includes(compress)) return notBoolean(compress);
  return count < 2 || bytes === -1 ? 'compress cannot be true when max-file is less than 2 or max-size is not set' : null;
}

/** daemon/logger/local/config.go: compressed unless told. */
function wrongLocal({ 'max-size': size, 'max-file': files, compress }: Options): string | null {
  const bytes = size === undefined ? 0 : sizeOf(size);
  if (typeof bytes === 'string') return `invalid value for max-size: ${size}: ${bytes}`;
  const count = files === undefined ? 5 : parseCount(files);
  if (typeof count === 'string') return `invalid value for max-file: ${files}: ${count}`;
  if (compress !== undefined && falses.includes(compress)) return null;
  if (compress !== undefined && !trues.includes(compress)) return `error reading compress log option: ${notBoolean(compress)}`;
  return count <= 1 ? 'compression cannot be enabled when max file count is 1' : null;
}

function parseCount(text: string): number | string {
  return /^[+-]?\d{1,15}$/.test(text) ? Number(text) : `strconv.Atoi: parsing "${text}": invalid syntax`;
}

function notBoolean(text: string): string {
  return `strconv.ParseBool: parsing "${text}": invalid syntax`;
}

/** What was asked for and will not happen. */
export function logWarnings(config: LogConfig): string[] {
  const { Type: type, Config: given } = config;
  const options = given ?? {};
  if (remoteDrivers.includes(type)) {
    const names = Object.keys(options);
    const left = names.length === 0 ? '' : `, and its options are discarded: ${names.join(', ')}`;
    return [`Logging driver ${type} is not available: json-file is used${left}`];
  }
  const idle = Object.entries(options)
    .filter(([name, value]) => isIdle(name, value))
    .map(([name]) => name);
  const more = Object.hasOwn(options, 'max-size') && askedBytes(options) > mostKept;
  return [
    ...idle.map((name) => `Log option ${name} is discarded: logs are kept in memory`),
    ...(more ? [`Log options max-size and max-file ask for more than is kept: no log is larger than ${mostKept >> 20} MiB`] : []),
  ];
}

/** Whether an option asks for what a log in memory has not. */
function isIdle(name: string, value: string): boolean {
  if (name === 'compress') return !falses.includes(value);
  if (name === 'mode') return value === 'non-blocking';
  return commonOptions.includes(name);
}

function askedBytes({ 'max-size': size, 'max-file': files = '1' }: Options): number {
  const [bytes, count] = [size === undefined ? mostKept : sizeOf(size), parseCount(files)];
  // What is malformed never starts.
  return typeof bytes === 'string' || typeof count === 'string' ? mostKept : bytes * Math.max(1, count);
}

/** How much of a log is kept: all files of `max-size` together. 0: nothing, driver `none`. */
export function logBytesKept({ Type: type, Config: options }: LogConfig): number {
  return type === 'none' ? 0 : Math.min(mostKept, askedBytes(options ?? {}));
}

/** What json-file writes beside a line (its key, stream and time) counts against `max-size`; without one only memory does. */
export function logRecordCost({ Config: options }: LogConfig): number {
  return options?.['max-size'] === undefined ? 0 : 64;
}

/** @returns bytes, or what is wrong with the size */
function sizeOf(text: string, parse: (text: string) => number = parseHumanSize): number | string {
  try {
    return parse(text);
  } catch (thrown) {
    return toAppError(thrown).message;
  }
}

function invalid(message: string): AppError {
  return new AppError('invalid', message);
}
