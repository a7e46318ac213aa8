import { fromUtf8 } from '../../base/bytes.ts';
import { readAll, type ByteSource } from '../../base/streams.ts';
import { tarEntries } from '../../base/tar/read.ts';
import { localFile } from '../client/local-path.ts';
import type { Command } from '../command.ts';
import { metadataFrom, type ContextMetadata, type TlsMaterial } from '../contexts/store.ts';
import { StatusError } from '../errors.ts';
import { partial } from '../flags/support.ts';
import { checkNew } from './context-create.ts';

/** Bytes of one file of an archive, and files of one. */
const largestFile = 1024 * 1024;
const mostFiles = 64;

export const contextImport: Command = {
  use: 'import CONTEXT FILE|-',
  short: 'Import a context from a tar or zip file',
  arity: { rule: 'exactly', count: 2 },
  support: partial('of tar archives; zip files are not read'),
  setup:
    () =>
    async (context, [name = '', file = '']) => {
      const { contexts, session } = context;
      await checkNew(context, name);
      const archive = file === '-' ? session.stdin.source : await localFile(session, file);
      const { metadata, tls } = await readContext(archive);
      await contexts.store.save({ ...metadata, Name: name });
      await contexts.store.saveTls(name, tls);
      await context.out(`${name}\n`);
      await context.err(`Successfully imported context "${name}"\n`);
    },
};

async function readContext(archive: ByteSource): Promise<{ readonly metadata: ContextMetadata; readonly tls: TlsMaterial }> {
  let metadata: ContextMetadata | undefined;
  const tls = new Map<string, string>();
  for await (const { header, contents } of tarEntries(archive)) {
    if (header.type === 'directory') continue;
    const { path } = header;
    if (path !== 'meta.json' && !isTlsFile(path)) throw new StatusError(1, `${path}: unexpected context file`);
    if (tls.size >= mostFiles) throw new StatusError(1, 'read exceeds the defined limit');
    const text = fromUtf8(await readAll(contents, largestFile));
    if (path === 'meta.json') metadata = metadataFrom(text);
    else tls.set(path.slice('tls/'.length), text);
  }
  if (metadata === undefined) throw new StatusError(1, 'invalid context: no metadata found');
  return { metadata, tls };
}

/** `tls/ENDPOINT/FILE`, and nothing that leads elsewhere. */
function isTlsFile(path: string): boolean {
  const [top, ...names] = path.split('/');
  return top === 'tls' && names.length === 2 && names.every((name) => /^[\w.-]+$/.test(name) && name !== '.' && name !== '..');
}
