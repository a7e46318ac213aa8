import type { ByteSource } from '../../base/streams.ts';
import { copyTo } from '../client/demultiplex.ts';
import { containerPath, sourceOfBody } from '../client/engine-client.ts';
import { absoluteLocal, baseOf, checkOutput, localSource, localTarget, planCopy, splitPath } from '../client/local-path.ts';
import type { Command } from '../command.ts';
import type { CliContext } from '../context.ts';
import { StatusError } from '../errors.ts';
import { full } from '../flags/support.ts';
import { cleanPath } from '../../grammar/clean-path.ts';
import { humanSize } from '../../grammar/units.ts';
import { decodeBase64 } from '../../grammar/base64.ts';
import { isGoDevice, isGoDirectory, isGoLink } from '../../grammar/file-mode.ts';
import { JsonView, parseJson } from '../json.ts';

interface Options {
  readonly container: string;
  readonly from: string;
  readonly to: string;
  readonly follow: boolean;
  readonly owner: boolean;
  readonly quiet: boolean;
}

export const cp: Command = {
  use: 'cp [OPTIONS] CONTAINER:SRC_PATH DEST_PATH|-\n\tdocker cp [OPTIONS] SRC_PATH|- CONTAINER:DEST_PATH',
  short: 'Copy files/folders between a container and the local filesystem',
  long: `Copy files/folders between a container and the local filesystem

Use '-' as the source to read a tar archive from stdin
and extract it to a directory destination in a container.
Use '-' as the destination to stream a tar archive of a
container source to stdout.`,
  spellings: 'docker container cp, docker cp',
  arity: { rule: 'exactly', count: 2 },
  support: full,
  setup(flags) {
    const owner = flags.bool('archive', 'a', 'Archive mode (copy all uid/gid information)', full);
    const follow = flags.bool('follow-link', 'L', 'Always follow symbol link in SRC_PATH', full);
    const quiet = flags.bool(
      'quiet',
      'q',
      'Suppress progress output during copy. Progress output is automatically suppressed if no terminal is attached',
      full,
    );
    return async (context, [source = '', target = '']) => {
      if (source === '') throw new StatusError(1, 'source can not be empty');
      if (target === '') throw new StatusError(1, 'destination can not be empty');
      const [fromContainer, from] = splitArgument(source);
      const [toContainer, to] = splitArgument(target);
      const more = { from, to, follow: follow.value, owner: owner.value, quiet: quiet.value };
      if (fromContainer !== '' && toContainer !== '') throw new StatusError(1, 'copying between containers is not supported');
      if (fromContainer !== '') await copyFrom(context, { container: fromContainer, ...more });
      else if (toContainer !== '') await copyInto(context, { container: toContainer, ...more });
      else throw new StatusError(1, 'must specify at least one container source');
    };
  },
};

function splitArgument(text: string): readonly [container: string, path: string] {
  const colon = text.indexOf(':');
  if (text.startsWith('/') || colon < 0 || text.slice(0, colon).startsWith('.')) return ['', text];
  return [text.slice(0, colon), text.slice(colon + 1)];
}

interface PathStat {
  readonly mode: number;
  readonly link: string;
}

function statOf(header: string | undefined): PathStat {
  const view = new JsonView(header === undefined ? null : parseJson(decodeBase64(header)));
  return { mode: view.number('mode'), link: view.string('linkTarget') };
}

/** null: not there, or not to be seen. */
async function containerStat({ client }: CliContext, container: string, path: string): Promise<PathStat | null> {
  const response = await client.send('HEAD', `${containerPath(container)}/archive`, { query: { path } });
  return response.status >= 400 ? null : statOf(response.headers['x-docker-container-path-stat']);
}

/** Where a link of the container leads, seen from where it is. */
function followed(path: string, link: string): string {
  return link.startsWith('/') ? link : cleanPath(`${splitPath(path)[0]}/${link}`);
}

async function copyFrom(context: CliContext, { container, from, to, follow, quiet }: Options): Promise<void> {
  const { session, client } = context;
  const local = to === '-' ? '-' : absoluteLocal(to, session.cwd);
  if (to !== '-') await checkOutput(session.folders, local);
  let path = from;
  let rebase = '';
  const linked = follow ? await containerStat(context, container, from) : null;
  if (linked !== null && isGoLink(linked.mode)) {
    path = followed(from, linked.link) + (from.endsWith('/') ? '/' : '');
    if (baseOf(from) !== baseOf(path)) rebase = baseOf(from);
  }
  const response = await client.request('GET', `${containerPath(container)}/archive`, { query: { path } });
  const content = sourceOfBody(response);
  if (to === '-') return copyTo(content, session.stdout.sink);
  const stat = statOf(response.headers['x-docker-container-path-stat']);
  try {
    const source = { path, exists: true, isFolder: isGoDirectory(stat.mode), rebase };
    const plan = planCopy(source, await localTarget(session.folders, local));
    await withProgress(context, { source: content, title: 'Copying from container - ', done: `to ${local}`, quiet }, (counted) =>
      session.folders.extract({ path: plan.folder, rename: plan.name }, counted),
    );
  } catch (thrown) {
    content.cancel(thrown);
    throw thrown;
  }
}

async function copyInto(context: CliContext, { container, from, to, follow, owner, quiet }: Options): Promise<void> {
  const { session, client } = context;
  let path = to;
  let stat = await containerStat(context, container, to);
  if (stat !== null && isGoLink(stat.mode)) {
    path = followed(to, stat.link);
    stat = await containerStat(context, container, path);
  }
  if (stat !== null && isGoDevice(stat.mode))
    throw new StatusError(1, `destination "${container}:${to}" must be a directory or a regular file: got a device`);
  const target = { path, exists: stat !== null, isFolder: isGoDirectory(stat?.mode ?? 0), rebase: '' };
  const put = (folder: string, body: ByteSource): Promise<void> =>
    client.call('PUT', `${containerPath(container)}/archive`, {
      query: { path: folder, noOverwriteDirNonDir: 'true', copyUIDGID: owner ? 'true' : undefined },
      stream: body,
    });
  if (from === '-') {
    if (!target.isFolder) throw new StatusError(1, `destination "${container}:${to}" must be a directory`);
    return put(target.path, session.stdin.source);
  }
  const local = absoluteLocal(from, session.cwd);
  const source = await localSource(session.folders, local, follow);
  const plan = planCopy(source, target);
  const archive = await session.folders.archive({ path: local, name: plan.name || splitPath(local)[1], follow });
  await withProgress(
    context,
    { source: archive, title: 'Copying to container - ', done: `to ${container}:${target.path}`, quiet },
    (counted) => put(plan.folder, counted),
  );
}

interface Progress {
  readonly source: ByteSource;
  readonly title: string;
  readonly done: string;
  readonly quiet: boolean;
}

const eraseLine = '\x1b[u\x1b[2K';
const betweenShows = 500;

/** How much was copied is shown while it goes on a terminal, and in any case at its end, well or not. */
async function withProgress(
  context: CliContext,
  { source, title, done, quiet }: Progress,
  copy: (counted: ByteSource) => Promise<void>,
): Promise<void> {
  if (quiet) return copy(source);
  const isTty = context.session.stderr.isTty;
  let bytes = 0;
  let shown = context.now();
  const counted: ByteSource = {
    async read() {
      const chunk = await source.read();
      bytes += chunk?.length ?? 0;
      if (isTty && chunk !== null && context.now() - shown >= betweenShows) {
        shown = context.now();
        await context.err(`${eraseLine}${title}${humanSize(bytes, 3)}`);
      }
      return chunk;
    },
    cancel: (reason) => source.cancel(reason),
  };
  if (isTty) await context.err('\x1b[sPreparing to copy...');
  try {
    await copy(counted);
  } catch (thrown) {
    source.cancel(thrown);
    throw thrown;
  } finally {
    await context.err(`${isTty ? eraseLine : ''}Successfully copied ${humanSize(bytes, 3)} ${done}\n`);
  }
}
