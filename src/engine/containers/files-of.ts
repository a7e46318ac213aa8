import { overlayDirectories, type ContainersContext } from './context.ts';

/** `process`: its root is the container's. `overlay`: the directories to mount, topmost lower first. */
export type ContainerFiles =
  | { readonly kind: 'process'; readonly pid: number }
  | {
      readonly kind: 'overlay';
      readonly lowers: readonly string[];
      readonly upper: string;
      readonly work: string;
      readonly target: string;
    };

/** Where a container's files are in the guest. @throws AppError not_found */
export function containerFiles(context: ContainersContext, reference: string): ContainerFiles {
  const container = context.store.find(reference);
  if (container.run !== null) return { kind: 'process', pid: container.run.process.pid };
  const { upper, work, merged } = overlayDirectories(context.host, container.id);
  const lowers = container.identity.layers.map((directory) => `${context.host.layerRoot}/${directory}`);
  return { kind: 'overlay', lowers, upper, work, target: merged };
}
