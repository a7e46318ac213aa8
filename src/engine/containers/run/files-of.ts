import { lowerDirectories, type Needs, overlayDirectories } from '../context.ts';
import { never } from '../state.ts';

/** `process`: its root is the container's. `layers`: directories to look at as one, topmost first, at `target`. */
export type ContainerFiles =
  | { readonly kind: 'process'; readonly pid: number }
  | { readonly kind: 'layers'; readonly directories: readonly string[]; readonly target: string };

/** Where a container's files are in the guest. What was never started has no layer of its own yet. @throws AppError not_found */
export function containerFiles(context: Needs<'store' | 'host'>, reference: string): ContainerFiles {
  const container = context.store.find(reference);
  if (container.run !== null) return { kind: 'process', pid: container.run.process.pid };
  const { upper, merged } = overlayDirectories(context.host, container.id);
  const layers = lowerDirectories(context.host, container);
  return { kind: 'layers', directories: container.state.startedAt === never ? layers : [upper, ...layers], target: merged };
}
