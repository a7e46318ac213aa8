import type { ByteSource } from '../../../base/streams.ts';
import type { AgentRecordInput } from '../../../protocol/agent.ts';
import type { Container, LockedContainer } from '../container.ts';
import { lowerDirectories, overlayDirectories, type Needs } from '../context.ts';
import { layerPath } from '../../images/layer-store.ts';
import { isImage, isTmpfs, isVolume, mountOver, sourceOf, type BindMount, type ImageMount, type VolumeMount } from '../mounts/mount.ts';
import { nameFilesOwner, sharedNameFiles } from '../spec/files.ts';
import { heldMounts } from '../spec/mounts.ts';
import { never } from '../state.ts';

/** Where paths start: below a process's root, or below a folder of the guest. */
export type Root = { readonly pid: number } | { readonly root: string };

type Binds = readonly AgentRecordInput<'mount'>[];

let holders = 0;

type ViewContext = Needs<'runtime' | 'volumes' | 'host' | 'views'>;
type WholeContext = ViewContext & Needs<'store'>;

/** A container's files to look at. `release` does nothing for one that runs; otherwise the view is gone with it. */
export interface View {
  readonly root: Root;
  release(): Promise<void>;
}

/**
 * A container's files as they are, in whatever state it is. What does not run is shown for reading alone, below a folder of its own: so nobody is kept from
 * starting it meanwhile.
 */
export function viewFiles(context: WholeContext, container: Container): Promise<View> {
  if (container.run !== null) return Promise.resolve({ root: { pid: container.run.process.pid }, release: () => Promise.resolve() });
  return withItsVolumes(context, container, async () =>
    withItsImages(context, container, await viewLayers(context, container, whatItHolds(context, container))),
  );
}

/** What is mounted in it while it does not run: volumes, binds, and the hosts, hostname and resolv.conf of its last run. */
function whatItHolds({ store }: Needs<'store'>, container: Container): Binds {
  const { state, mounts, hostConfig, id } = container;
  const owner = nameFilesOwner(store, container);
  // Those that it shares with another are its own from its first start on.
  const hasNames = owner === id || state.startedAt !== never;
  return [...(hasNames ? sharedNameFiles(owner, { readOnly: hostConfig.ReadonlyRootfs }) : []), ...heldMounts(mounts)];
}

/** Images that it has mounted, each beside the view. */
async function withItsImages(context: ViewContext, { mounts }: Container, view: View): Promise<View> {
  const { root } = view;
  const held: View[] = [view];
  const letGo = async (): Promise<void> => {
    for (let each = held.pop(); each !== undefined; each = held.pop()) await each.release();
  };
  if (!('root' in root)) return view;
  try {
    for (const { id, layers } of mounts.filter(isImage)) {
      const directories = layers.map((directory) => layerPath(context.host.layerRoot, directory));
      held.push(await viewDirectories(context, directories, { target: imageBeside(root.root, id) }));
    }
    return { root, release: letGo };
  } catch (thrown) {
    await letGo().catch(() => undefined);
    throw thrown;
  }
}

function imageBeside(view: string, id: string): string {
  return `${view}-${id.slice(0, 12)}`;
}

/** A view of a container that does not run, and its volumes there for as long: made, and mounted where their options say so. */
async function withItsVolumes({ volumes }: Needs<'volumes'>, { mounts }: Container, view: () => Promise<View>): Promise<View> {
  holders += 1;
  const holder = `view ${holders}`;
  const held: string[] = [];
  const letGo = async (): Promise<void> => {
    for (let name = held.pop(); name !== undefined; name = held.pop()) await volumes.release(name, holder).catch(() => undefined);
  };
  try {
    for (const { name } of mounts.filter(isVolume)) {
      await volumes.acquire(name, holder);
      held.push(name);
    }
    const { root, release } = await view();
    return { root, release: () => release().finally(letGo) };
  } catch (thrown) {
    await letGo();
    throw thrown;
  }
}

/** The root file system alone, without what is mounted in it but for `binds`. */
export async function viewLayers(context: ViewContext, container: Container, binds: Binds = []): Promise<View> {
  const { upper } = overlayDirectories(context.host, container.id);
  const isFresh = container.run === null && container.state.startedAt === never;
  // One that was never started has no layer of its own, unless something was copied into it.
  if (isFresh) await context.runtime.files.write({ directories: [upper] });
  return viewDirectories(context, [upper, ...lowerDirectories(context.host, container)], { binds });
}

/** What the container began with. */
export function viewImage(context: ViewContext, container: Container): Promise<View> {
  return viewDirectories(context, lowerDirectories(context.host, container));
}

/** Directories of the guest as one tree, for reading alone. @param directories topmost first */
export async function viewDirectories(
  { runtime, views }: ViewContext,
  directories: readonly string[],
  { target = views.nextTarget(), binds = [] }: { readonly target?: string; readonly binds?: Binds } = {},
): Promise<View> {
  const [only] = directories;
  // An overlay without upper directory needs two lower ones; of one directory the agent makes a bind mount.
  const spec = directories.length === 1 && only !== undefined ? { upper: only, target, binds } : { lowers: directories, target, binds };
  await views.open(target, () => runtime.overlayMounts.mount(spec));
  return {
    root: { root: target },
    async release() {
      await runtime.overlayMounts.unmount(target);
      await runtime.files.write({ remove: [target] });
      views.closed(target);
    },
  };
}

/** A container's files to be changed: of one that does not run only while its lock is held, as a start mounts the same folders. */
export async function changeFiles(context: WholeContext, container: LockedContainer): Promise<View> {
  if (container.run !== null) return { root: { pid: container.run.process.pid }, release: () => Promise.resolve() };
  const { upper, work, merged } = overlayDirectories(context.host, container.id);
  return withItsVolumes(context, container, async () => {
    const binds = whatItHolds(context, container);
    const spec = { lowers: lowerDirectories(context.host, container), upper, work, target: merged, binds };
    await context.views.open(merged, () => context.runtime.overlayMounts.mount(spec));
    return withItsImages(context, container, {
      root: { root: merged },
      async release() {
        await context.runtime.overlayMounts.unmount(merged);
        context.views.closed(merged);
      },
    });
  });
}

/** A path of a container and where it begins: in one that does not run below the source of what would be mounted there, which no link leads out of. */
export function placeOf({ mounts, run }: Container, root: Root, path: string): { readonly root: Root; readonly path: string } {
  if (run !== null || !('root' in root)) return { root, path };
  const mount = mountOver(
    mounts.filter((each): each is BindMount | VolumeMount | ImageMount => !isTmpfs(each)),
    path,
  );
  if (mount === undefined) return { root, path };
  const { source, subpath } = isImage(mount) ? { source: imageBeside(root.root, mount.id), subpath: mount.subpath } : sourceOf(mount);
  const rest = path.slice(mount.target.length);
  return { root: { root: source }, path: subpath === '' ? rest || '/' : `/${subpath}${rest}` };
}

/** A source with what is to be done once nobody reads it any more. */
export function withRelease(source: ByteSource, release: () => Promise<void>): ByteSource {
  let open = true;
  const close = async (): Promise<void> => {
    if (!open) return;
    open = false;
    await release().catch(() => undefined);
  };
  return {
    async read() {
      try {
        const chunk = await source.read();
        if (chunk === null) await close();
        return chunk;
      } catch (thrown) {
        await close();
        throw thrown;
      }
    },
    cancel(reason) {
      source.cancel(reason);
      void close();
    },
  };
}
