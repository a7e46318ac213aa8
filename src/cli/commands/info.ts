import type { Command } from '../command.ts';
import type { CliContext } from '../context.ts';
import { AppError } from '../../base/errors.ts';
import { StatusError, messageOf } from '../errors.ts';
import { inspectFormatUsage } from '../flags/format-usage.ts';
import { full } from '../flags/support.ts';
import { bytesSize } from '../../grammar/units.ts';
import { isObject, type Json, type JsonObject, type JsonView } from '../json.ts';
import { clientInfo } from '../product.ts';
import { dockerTypes } from '../template/docker-types.ts';
import { decodeGo } from '../template/go-types.ts';
import { execute, parse, TemplateExecutionError } from '../template/index.ts';
import type { Template } from '../template/nodes.ts';

export const info: Command = {
  use: 'info [OPTIONS]',
  short: 'Display system-wide information',
  spellings: 'docker system info, docker info',
  arity: { rule: 'none' },
  support: full,
  setup(flags) {
    const format = flags.string('format', 'f', inspectFormatUsage, full);
    return async (context) => {
      if (format.value !== '') return writeFormatted(context, format.value === 'json' ? '{{json .}}' : format.value);
      await context.contexts.check();
      const clientText = clientTextIn(await context.contexts.current());
      const server = await context.client.get('/info').catch(async (error: unknown) => {
        await context.out(clientText);
        // Nobody answered.
        if (error instanceof StatusError) throw error;
        await context.err(`ERROR: ${messageOf(error)}\n`);
        throw new StatusError(1, 'errors pretty printing info');
      });
      await context.out(`${clientText}${serverText(server)}\n`);
      for (const warning of server.strings('Warnings')) await context.err(`${warning}\n`);
    };
  },
};

const clientIn = (context: string): JsonObject => ({ ...clientInfo, Context: context, Debug: false, Plugins: [], Warnings: null });

async function writeFormatted(context: CliContext, format: string): Promise<void> {
  const client = clientIn(await context.contexts.current());
  const clientOnly = await onlyClient(format, client, context.signal);
  const server: Json = clientOnly ? {} : (await context.client.get('/info')).json;
  const data = { ...(isObject(server) ? server : {}), ClientInfo: { ...client, ApiVersion: clientOnly ? '' : clientInfo.ApiVersion } };
  const template = parseFormat(format);
  try {
    await context.print(`${await execute(template, decodeGo(dockerTypes, 'system.dockerInfo', data), { signal: context.signal })}\n`);
  } catch (error) {
    if (error instanceof TemplateExecutionError) await context.out(`${error.output}\n`);
    throw error;
  }
}

function parseFormat(format: string): Template {
  try {
    return parse(format);
  } catch (error) {
    throw new StatusError(64, `template parsing error: ${messageOf(error)}`);
  }
}

/** A format that names fields of the client alone asks the daemon nothing. */
async function onlyClient(format: string, client: JsonObject, signal: AbortSignal): Promise<boolean> {
  if (!/\.[a-zA-Z]/.test(format)) return false;
  try {
    await execute(parse(format), decodeGo(dockerTypes, 'system.sparseInfo', { ClientInfo: client }), { signal });
    return true;
  } catch (error) {
    if (error instanceof AppError) throw error;
    return false;
  }
}

const clientTextIn = (context: string): string => `Client:
 Version:    ${clientInfo.Version}
 Context:    ${context}
 Debug Mode: false

Server:
`;

function serverText(server: JsonView): string {
  const plugins = server.get('Plugins');
  const linux = server.string('OSType') === 'linux';
  const optional = (label: string, value: string): string[] => (value === '' ? [] : [` ${label}: ${value}`]);
  const runtimes = server.entries('Runtimes').map(([name]) => name);
  return [
    ` Containers: ${server.number('Containers')}`,
    `  Running: ${server.number('ContainersRunning')}`,
    `  Paused: ${server.number('ContainersPaused')}`,
    `  Stopped: ${server.number('ContainersStopped')}`,
    ` Images: ${server.number('Images')}`,
    ...optional('Server Version', server.string('ServerVersion')),
    ...optional('Storage Driver', server.string('Driver')),
    ...server.list('DriverStatus').map((pair) => `  ${texts(pair)[0] ?? ''}: ${texts(pair)[1] ?? ''}`),
    ...optional('Logging Driver', server.string('LoggingDriver')),
    ...optional('Cgroup Driver', server.string('CgroupDriver')),
    ...optional('Cgroup Version', server.string('CgroupVersion')),
    ' Plugins:',
    `  Volume: ${plugins.strings('Volume').join(' ')}`,
    `  Network: ${plugins.strings('Network').join(' ')}`,
    ...(plugins.strings('Authorization').length === 0 ? [] : [`  Authorization: ${plugins.strings('Authorization').join(' ')}`]),
    `  Log: ${plugins.strings('Log').join(' ')}`,
    ...listed('CDI spec directories', server.strings('CDISpecDirs'), '  '),
    ` Swarm: ${server.get('Swarm').string('LocalNodeState')}`,
    ...(runtimes.length === 0 ? [] : [` Runtimes: ${runtimes.join(' ')}`, ` Default Runtime: ${server.string('DefaultRuntime')}`]),
    ...(linux ? linuxText(server) : []),
    ...optional('Kernel Version', server.string('KernelVersion')),
    ...optional('Operating System', server.string('OperatingSystem')),
    ...optional('OSType', server.string('OSType')),
    ...optional('Architecture', server.string('Architecture')),
    ` CPUs: ${server.number('NCPU')}`,
    ` Total Memory: ${bytesSize(server.number('MemTotal'))}`,
    ...optional('Name', server.string('Name')),
    ...optional('ID', server.string('ID')),
    ` Docker Root Dir: ${server.string('DockerRootDir')}`,
    ` Debug Mode: ${server.bool('Debug')}`,
    ...(server.bool('Debug') ? debugText(server) : []),
    ...optional('HTTP Proxy', server.string('HttpProxy')),
    ...optional('HTTPS Proxy', server.string('HttpsProxy')),
    ...optional('No Proxy', server.string('NoProxy')),
    ...listed('Labels', server.strings('Labels'), '  '),
    ` Experimental: ${server.bool('ExperimentalBuild')}`,
    ...registryText(server.get('RegistryConfig')),
    ` Live Restore Enabled: ${server.bool('LiveRestoreEnabled')}`,
    ...optional('Product License', server.string('ProductLicense')),
    ...listed(
      'Default Address Pools',
      server.list('DefaultAddressPools').map((pool) => `Base: ${pool.string('Base')}, Size: ${pool.number('Size')}`),
      '   ',
    ),
    '',
  ].join('\n');
}

function texts(pair: JsonView): readonly string[] {
  return pair.items().map((item) => (typeof item.json === 'string' ? item.json : ''));
}

function listed(label: string, items: readonly string[], indent: string): readonly string[] {
  return items.length === 0 ? [] : [` ${label}:`, ...items.map((item) => indent + item)];
}

function linuxText(server: JsonView): readonly string[] {
  return [
    ` Init Binary: ${server.string('InitBinary')}`,
    ` containerd version: ${server.get('ContainerdCommit').string('ID')}`,
    ` runc version: ${server.get('RuncCommit').string('ID')}`,
    ` init version: ${server.get('InitCommit').string('ID')}`,
    ...listed('Security Options', server.strings('SecurityOptions').flatMap(securityText), '  '),
  ];
}

/** `name=seccomp,profile=builtin` as its name and, below, its profile. */
function securityText(option: string): readonly string[] {
  if (!option.includes('=')) return [option];
  const fields = option.split(',').map((field) => field.split('='));
  const value = (key: string): string | undefined => fields.find(([name]) => name === key)?.[1];
  const profile = value('profile');
  return [value('name') ?? '', ...(profile === undefined ? [] : [` Profile: ${profile}`])];
}

function debugText(server: JsonView): readonly string[] {
  return [
    `  File Descriptors: ${server.number('NFd')}`,
    `  Goroutines: ${server.number('NGoroutines')}`,
    `  System Time: ${server.string('SystemTime')}`,
    `  EventsListeners: ${server.number('NEventsListener')}`,
  ];
}

function registryText(config: JsonView): readonly string[] {
  const indexes = config.entries('IndexConfigs');
  const cidrs = config.strings('InsecureRegistryCIDRs');
  const insecure = indexes.filter(([, index]) => !index.bool('Secure')).map(([, index]) => index.string('Name'));
  const heading = indexes.length > 0 || cidrs.length > 0 ? [' Insecure Registries:'] : [];
  return [
    ...heading,
    ...[...insecure, ...cidrs].map((item) => `  ${item}`),
    ...listed('Registry Mirrors', config.strings('Mirrors'), '  '),
  ];
}
