import { utf8 } from '../../../base/bytes.ts';
import type { Container } from '../container.ts';
import type { Needs } from '../context.ts';
import { hostLine, nameFilesFolder } from '../spec/files.ts';

/** Bytes; a larger one is its user's, and left alone. */
const largest = 256 * 1024;

/**
 * libnetwork, endpoint.go and etchosts.go: the lines of addresses in the /etc/hosts of a container that runs. What else its processes wrote
 * there stays; a file that is no text stays as it is.
 * @param change `gone`: no address is that line's any more
 */
export async function updateHosts(
  { runtime }: Needs<'runtime'>,
  { id, config }: Container,
  { added = [], gone = [] }: { readonly added?: readonly string[]; readonly gone?: readonly string[] },
): Promise<void> {
  await edit(runtime, `${nameFilesFolder(id)}/hosts`, (found) => {
    const kept = gone.reduce((text, address) => text.replace(`${hostLine(config, address)}\n`, ''), found);
    return added.reduce((text, address) => `${text}${hostLine(config, address)}\n`, kept);
  });
}

/** Of a container that runs no more: its networks' addresses are not its own (libnetwork, when it leaves a network). Fine with there being no file. */
export async function forgetAddresses({ runtime }: Needs<'runtime'>, { id, config, hostConfig }: Container): Promise<void> {
  const names = hostLine(config, '');
  const isOwn = (line: string): boolean => {
    const address = line.slice(0, -names.length);
    if (!line.endsWith(names) || !/^[\da-f.:]+$/.test(address) || address.startsWith('127.')) return false;
    return !(hostConfig.ExtraHosts ?? []).includes(`${config.Hostname}:${address}`);
  };
  await edit(runtime, `${nameFilesFolder(id)}/hosts`, (found) =>
    found
      .split('\n')
      .filter((line) => !isOwn(line))
      .join('\n'),
  );
}

/**
 * The line of a link: another address before the names that it has (libnetwork, etchosts.go, Update).
 * @param change.address null: the link is gone
 */
export async function updateLinkLine(
  { runtime }: Needs<'runtime'>,
  { id }: Container,
  { alias, address }: { readonly alias: string; readonly address: string | null },
): Promise<void> {
  const moved = (line: string): string[] => {
    const tab = line.indexOf('\t');
    if (tab < 0 || line.slice(tab + 1).split(/\s/, 1)[0] !== alias) return [line];
    return address === null ? [] : [`${address}${line.slice(tab)}`];
  };
  await edit(runtime, `${nameFilesFolder(id)}/hosts`, (found) => found.split('\n').flatMap(moved).join('\n'));
}

/** The whole of its /etc/resolv.conf; one that its processes have changed is theirs, as the file itself says. */
export async function updateResolvConf(
  { runtime }: Needs<'runtime'>,
  { id }: Container,
  { before, now }: { readonly before: string; readonly now: string },
): Promise<void> {
  if (before === now) return;
  await edit(runtime, `${nameFilesFolder(id)}/resolv.conf`, (found) => (found === before ? now : found));
}

async function edit({ facts, files }: Needs<'runtime'>['runtime'], path: string, change: (text: string) => string): Promise<void> {
  const [found] = await facts.inspect([{ op: 'read', path, max: largest }]);
  if (found === undefined || found.errno !== 0 || found.text.length >= largest || found.text.includes('\ufffd')) return;
  const text = change(found.text);
  if (text !== found.text) await files.write({ files: [{ path, mode: 0, contents: utf8(text) }] });
}
