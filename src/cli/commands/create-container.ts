import { utf8 } from '../../base/bytes.ts';
import { AppError } from '../../base/errors.ts';
import { DaemonError } from '../client/engine-client.ts';
import { consoleSizeOf } from '../client/tty-size.ts';
import type { CliContext } from '../context.ts';
import { StatusError, messageOf } from '../errors.ts';
import type { Flag, FlagSet } from '../flags/flag-set.ts';
import { normalPlatform } from '../flags/platform.ts';
import { full, partial } from '../flags/support.ts';
import { familiarString, parseNameOrId, withDefaultTag } from '../../grammar/reference.ts';
import type { ContainerBody } from './container-body.ts';
import { pullImage } from './pull-image.ts';

export interface CreateFlags {
  readonly name: Flag<string>;
  readonly platform: Flag<string>;
  readonly pull: Flag<string>;
  readonly quiet: Flag<boolean>;
  readonly cidfile: Flag<string>;
  /** Throws StatusError for a bad --pull. */
  check(): void;
}

/** The flags of `run` and `create` that are not the container's own. */
export function declareCreateFlags(flags: FlagSet, pullUsage: string): CreateFlags {
  const pull = flags.string('pull', '', pullUsage, full, 'missing');
  flags.listHelp();
  return {
    pull,
    name: flags.string('name', '', 'Assign a name to the container', full),
    platform: flags.string(
      'platform',
      '',
      'Set platform if server is multi-platform capable',
      partial('sent to the engine, whose images are linux/386'),
    ),
    quiet: flags.bool('quiet', 'q', 'Suppress the pull output', full),
    cidfile: flags.string('cidfile', '', 'Write the container ID to the file', full),
    check() {
      if (!['always', 'missing', 'never', ''].includes(pull.value)) {
        throw new StatusError(1, `invalid pull option: '${pull.value}': must be one of "always", "missing" or "never"`);
      }
    },
  };
}

/** Makes the container, pulling its image first if it must. @returns the ID */
export async function createContainer(context: CliContext, body: ContainerBody, options: CreateFlags): Promise<string> {
  const cidfile = options.cidfile.value;
  if (cidfile !== '') await refuseExisting(context, cidfile);
  const image = parseNameOrId(body.config.Image);
  const reference = image === null ? null : withDefaultTag(image);
  const pull = async (): Promise<void> => {
    if (reference !== null)
      await pullImage(context, { reference, platform: options.platform.value, quiet: options.quiet.value, progress: 'stderr' });
  };
  if (options.pull.value === 'always') await pull();
  const created = await post(context, body, options).catch(async (error: unknown) => {
    const canPull =
      error instanceof DaemonError && error.kind === 'not_found' && reference !== null && ['missing', ''].includes(options.pull.value);
    if (!canPull) throw error;
    if (!options.quiet.value) await context.err(`Unable to find image '${familiarString(reference)}' locally\n`);
    await pull();
    return post(context, body, options);
  });
  for (const warning of created.strings('Warnings')) await context.err(`WARNING: ${warning}\n`);
  const id = created.string('Id');
  if (cidfile !== '') await writeId(context, cidfile, id);
  return id;
}

/** Docker makes the file before the container; here a container whose ID cannot be written goes away again. */
async function writeId(context: CliContext, cidfile: string, id: string): Promise<void> {
  try {
    await context.session.writeFile(cidfile, utf8(id));
  } catch (error) {
    await context.client.call('DELETE', `/containers/${id}`, { query: { force: '1' } }).catch(() => undefined);
    throw new StatusError(1, `failed to create the container ID file: ${messageOf(error)}`);
  }
}

async function post(context: CliContext, body: ContainerBody, options: CreateFlags) {
  const query = { name: options.name.value || undefined, platform: normalPlatform(options.platform.value) || undefined };
  const hostConfig = { ...body.hostConfig, ContainerIDFile: options.cidfile.value, ConsoleSize: consoleSizeOf(context) };
  return context.client.post('/containers/create', query, {
    ...body.config,
    HostConfig: hostConfig,
    NetworkingConfig: body.networkingConfig,
  });
}

async function refuseExisting(context: CliContext, path: string): Promise<void> {
  try {
    await context.session.readFile(path, 0);
  } catch (error) {
    if (error instanceof AppError && error.kind === 'not_found') return;
    throw error;
  }
  throw new StatusError(1, `container ID file found, make sure the other container isn't running or delete ${path}`);
}

/** An error of parsing, as `run` and `create` show it. */
export async function withHelp<T>(command: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw new StatusError(125, helpful(command, messageOf(error)));
  }
}

export function helpful(command: string, message: string): string {
  return `docker: ${message}\n\nRun 'docker ${command} --help' for more information`;
}
