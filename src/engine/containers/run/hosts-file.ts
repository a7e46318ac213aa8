import { utf8 } from '../../../base/bytes.ts';
import type { Container } from '../container.ts';
import type { Needs } from '../context.ts';
import { hostLine } from '../spec/files.ts';

/** Bytes; a larger one is its user's, and left alone. */
const largest = 256 * 1024;

/**
 * libnetwork, endpoint.go and etchosts.go: the line of an address in the /etc/hosts of a container that runs. What else its processes wrote
 * there stays; a file that is no text stays as it is.
 * @param change `gone`: no address is that line's any more
 */
export async function updateHosts(
  { runtime }: Needs<'runtime'>,
  { id, config }: Container,
  { added, gone }: { readonly added?: string; readonly gone?: string },
): Promise<void> {
  const path = `/run/drydock/containers/${id}/hosts`;
  const [found] = await runtime.facts.inspect([{ op: 'read', path, max: largest }]);
  if (found === undefined || found.errno !== 0 || found.text.length >= largest || found.text.includes('\ufffd')) return;
  const kept = gone === undefined ? found.text : found.text.replace(`${hostLine(config, gone)}\n`, '');
  const text = added === undefined ? kept : `${kept}${hostLine(config, added)}\n`;
  if (text !== found.text) await runtime.files.write({ files: [{ path, mode: 0, contents: utf8(text) }] });
}
