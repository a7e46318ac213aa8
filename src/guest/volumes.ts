import { AppError } from '../base/errors.ts';
import { fromUtf8 } from '../base/bytes.ts';
import { modeType } from '../base/file-tree.ts';
import { readAll } from '../base/streams.ts';
import type { GuestArchives } from './archives.ts';
import type { GuestChannel } from './channel.ts';
import type { GuestFacts } from './facts.ts';
import type { GuestFiles } from './files.ts';
import { withLayers } from './layers.ts';
import type { GuestProcesses } from './processes.ts';
import { runProgram } from './terminal.ts';

interface Parts {
  readonly channel: GuestChannel;
  readonly facts: GuestFacts;
  readonly files: GuestFiles;
  readonly archives: GuestArchives;
  readonly processes: GuestProcesses;
}

const home = '/var/lib/docker/volumes';
/** On the guest's disk; its root is in memory. As Docker's: others may go through, not look (volume/local/local.go). */
const disk = '/var/lib/drydock/volumes';
const makeFolder = `[ -e ${home} ] || { mkdir -p ${disk} /var/lib/docker && chmod 701 ${disk} && ln -s ${disk} ${home}; }; mkdir -p "$1" || { rmdir "\${1%/*}" 2>/dev/null; exit 1; }`;
const messageBytes = 64 * 1024;

/** Folders that outlive containers. Satisfies engine/runtime.ts's VolumeRuntime. */
export class GuestVolumes {
  readonly #guest: Parts;

  constructor(guest: Parts) {
    this.#guest = guest;
  }

  /** @throws AppError in Docker's words (volume/local/local.go); nothing is left then */
  async make(folder: string): Promise<void> {
    const said = await this.#run(['/bin/sh', '-c', makeFolder, 'sh', folder]);
    if (said === null) return;
    const root = folder.slice(0, folder.lastIndexOf('/'));
    const why = (said.trim().split(': ').at(-1) ?? '').toLowerCase();
    throw new AppError('internal', `error while creating volume root path '${root}': mkdir ${root}: ${why}`);
  }

  /** Paths of the image and of the volume are resolved below them by the agent, links included: none leads to the guest's own files. */
  async fill({
    layers,
    view,
    path,
    folder,
    subpath,
  }: {
    readonly layers: readonly string[];
    readonly view: string;
    readonly path: string;
    readonly folder: string;
    readonly subpath: string;
  }): Promise<void> {
    const { channel, facts, archives, files } = this.#guest;
    const fill = async (root: string): Promise<void> => {
      const [source, present] = await facts.inspect([
        { op: 'stat', path, root },
        { op: 'list', path: `/${subpath}`, root: folder },
      ]);
      const isFolder = ((source?.stat?.mode ?? 0) & modeType.mask) === modeType.directory;
      if (!isFolder || present?.errno !== 0 || present.names.length > 0) return;
      const archive = await archives.read({ root, path, name: '.', follow: 1 });
      await archives.extract({ root: folder, path: `/${subpath}` }, archive);
    };
    try {
      await withLayers(channel, { directories: layers, target: view }, fill);
    } finally {
      await files.write({ remove: [view] });
    }
  }

  /** null, or what mount(8) says. */
  async mount({
    type,
    device,
    options,
    target,
  }: {
    readonly type: string;
    readonly device: string;
    readonly options: string;
    readonly target: string;
  }): Promise<string | null> {
    const words = [
      ...(type === '' || isBind(options) ? [] : ['-t', type]),
      ...(options === '' ? [] : ['-o', options]),
      '--',
      device,
      target,
    ];
    const said = await this.#run(['/bin/mount', ...words]);
    return said === null ? null : (said.trim().split(': ').at(-1) ?? said).toLowerCase();
  }

  async unmount(target: string): Promise<void> {
    await this.#must(['/bin/umount', '-l', target]);
  }

  async remove(folder: string): Promise<void> {
    await this.#guest.files.write({ remove: [folder] });
  }

  async #must(args: readonly string[]): Promise<void> {
    const said = await this.#run(args);
    if (said !== null) throw new AppError('internal', said.trim());
  }

  /** null: it went well; else what it complained of. */
  async #run(args: readonly string[]): Promise<string | null> {
    const process = await runProgram(this.#guest.processes, args);
    const [said, , { code }] = await Promise.all([
      process.stderr === null ? new Uint8Array() : readAll(process.stderr, messageBytes),
      readAll(process.stdout, messageBytes),
      process.exited,
    ]);
    return code === 0 ? null : fromUtf8(said) || `${args[0] ?? ''} ended with status ${code}`;
  }
}

function isBind(options: string): boolean {
  return options.split(',').some((word) => word === 'bind' || word === 'rbind');
}
