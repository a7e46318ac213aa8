import { AppError } from '../base/errors.ts';
import { readAll, type ByteSource } from '../base/streams.ts';
import { fromUtf8 } from '../base/bytes.ts';
import type { CallerFolders, LocalStat } from '../cli/session.ts';
import { GuestArchives } from '../guest/archives.ts';
import type { GuestChannel } from '../guest/channel.ts';
import { GuestFacts } from '../guest/facts.ts';
import { GuestFiles } from '../guest/files.ts';
import { processOn } from '../guest/process.ts';
import { allCapabilities } from '../guest/terminal.ts';
import { decodeRecord, encodeRecord } from '../protocol/agent-codec.ts';
import { hostKind } from '../protocol/agent.ts';
import { absolute, fileFailure, type Caller } from './caller-files.ts';

const ENOENT = 2;
const EACCES = 13;
const ENOTDIR = 20;

/** Trees of the guest's files, as the process that was called `docker` finds them. */
export function callerFolders(channel: GuestChannel, caller: Caller): CallerFolders {
  const facts = new GuestFacts(channel);
  const archives = new GuestArchives(channel);
  const look = async (op: 'lstat' | 'stat', path: string): Promise<LocalStat | null> => {
    const [found] = await facts.inspect([{ op, path: absolute(caller, path) }]);
    const errno = found?.errno ?? ENOENT;
    if (errno === ENOENT) return null;
    if (errno === 0 && found?.stat) return { mode: found.stat.mode, link: found.stat.link };
    throw fileFailure(`${op} ${path}`, errno);
  };
  const files = new GuestFiles(channel);
  return {
    async list(path) {
      const [found] = await facts.inspect([{ op: 'list', path: absolute(caller, path) }]);
      const errno = found?.errno ?? ENOENT;
      if (errno === ENOENT || errno === ENOTDIR) return null;
      if (errno !== 0) throw fileFailure(`open ${path}`, errno);
      return found?.names ?? [];
    },
    remove: (path) => files.write({ remove: [absolute(caller, path)] }),
    lstat: (path) => look('lstat', path),
    stat: (path) => look('stat', path),
    archive: ({ path, name, follow }) => archives.read({ path: absolute(caller, path), name, follow: follow ? 1 : 0 }),
    extract: ({ path, rename }, archive) =>
      archives.extract({ path: absolute(caller, path), rename, keep: 1, chown: 1, uid: caller.uid, gid: caller.gid }, archive),
    writeStream: (path, source) => writeStream(channel, { path: absolute(caller, path), caller }, source),
  };
}

/** Beside the file first, as docker does it: what fails midway leaves nothing of it. */
const script =
  't=$(mktemp "${0%/*}/.docker_temp_XXXXXX") || exit 1; cat >"$t" && chmod 600 "$t" && mv "$t" "$0" || { rm -f "$t"; exit 1; }';

async function writeStream(
  channel: GuestChannel,
  { path, caller }: { readonly path: string; readonly caller: Caller },
  source: ByteSource,
): Promise<void> {
  const user = `${caller.uid}:${caller.gid}`;
  // Root writes into everybody's folders; the agent leaves no other user a capability.
  const args = ['/bin/sh', '-c', script, path];
  const spec = { args, env: ['PATH=/usr/sbin:/usr/bin:/sbin:/bin'], cwd: '/', user, capabilities: allCapabilities, openStdin: 1 };
  const stream = channel.open(hostKind.exec, encodeRecord('execSpec', { container: '', process: spec }));
  stream.closed.catch(() => undefined);
  const { pid } = decodeRecord('started', await stream.reply);
  const process = processOn(stream, pid, { tty: false, openStdin: true });
  const complaint = process.stderr === null ? Promise.resolve(new Uint8Array()) : readAll(process.stderr, 4096);
  complaint.catch(() => undefined);
  try {
    for (let chunk = await source.read(); chunk !== null; chunk = await source.read()) {
      // One that has ended reads no more; what it says of it is told below.
      const taken = await Promise.resolve(process.stdin?.write(chunk)).then(
        () => true,
        () => false,
      );
      if (!taken) break;
    }
    await process.stdin?.close().catch(() => undefined);
  } catch (thrown) {
    source.cancel(thrown);
    process.stdin?.abort(thrown);
    throw thrown;
  }
  const { code } = await process.exited;
  source.cancel();
  if (code === 0) return;
  const said = fromUtf8(await complaint.catch(() => new Uint8Array())).trim();
  if (said.endsWith('Permission denied')) throw fileFailure(`open ${path}`, EACCES);
  throw new AppError('internal', said || `write ${path}: failed`);
}
