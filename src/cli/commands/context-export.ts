import { utf8 } from '../../base/bytes.ts';
import { sourceOf } from '../../base/streams.ts';
import { tarOf, type TarInput } from '../../base/tar/write.ts';
import { copyTo } from '../client/demultiplex.ts';
import { splitPath } from '../client/local-path.ts';
import type { Command } from '../command.ts';
import { defaultName, escapeHtml, type ContextMetadata, type TlsMaterial } from '../contexts/store.ts';
import { StatusError } from '../errors.ts';
import { full } from '../flags/support.ts';
import { writeJson } from '../json.ts';
import { defaultDescription } from './context-create.ts';

export const contextExport: Command = {
  use: 'export [OPTIONS] CONTEXT [FILE|-]',
  short: 'Export a context to a tar archive FILE or a tar stream on STDOUT.',
  arity: { rule: 'between', least: 1, most: 2 },
  support: full,
  setup:
    () =>
    async (context, [name = '', file = `${name}.dockercontext`]) => {
      const { contexts, session } = context;
      const found = await contexts.get(name);
      const metadata = name === defaultName ? { ...found, Metadata: { Description: defaultDescription } } : found;
      const archive = tarOf(entriesOf(metadata, name === defaultName ? new Map() : await contexts.store.tls(name)));
      if (file === '-') {
        if (session.stdout.isTty) throw new StatusError(1, 'cowardly refusing to export to a terminal, specify a file path');
        return copyTo(archive, session.stdout.sink);
      }
      if ((await session.folders.lstat(file)) !== null) throw new StatusError(1, `open ${file}: file exists`);
      if ((await session.folders.stat(splitPath(file)[0])) === null) throw new StatusError(1, `open ${file}: no such file or directory`);
      await session.folders.writeStream(file, archive);
      await context.err(`Written file "${file}"\n`);
    },
};

const plain = { mode: 0o700, uid: 0, gid: 0, mtime: 0, size: 0, link: '', major: 0, minor: 0, xattrs: new Map() } as const;

function entriesOf({ Name, Metadata, Endpoints }: ContextMetadata, tls: TlsMaterial): readonly TarInput[] {
  const folders = [...new Set([...tls.keys()].map((file) => file.split('/')[0] ?? ''))];
  return [
    fileEntry('meta.json', 0o644, escapeHtml(writeJson({ Name, Metadata, Endpoints }))),
    ...['tls', ...folders.map((folder) => `tls/${folder}`)].map((path): TarInput => ({ header: { ...plain, path, type: 'directory' } })),
    ...[...tls].map(([file, text]) => fileEntry(`tls/${file}`, 0o600, text)),
  ];
}

function fileEntry(path: string, mode: number, text: string): TarInput {
  const contents = utf8(text);
  return { header: { ...plain, path, type: 'file', mode, size: contents.length }, contents: sourceOf(contents) };
}
