import { modeType } from '../base/file-tree.ts';

/** Bits of Go's os.FileMode, as the stat of a path in a container has them. */
const goBit = {
  directory: 2 ** 31,
  link: 2 ** 27,
  device: 2 ** 26,
  pipe: 2 ** 25,
  socket: 2 ** 24,
  setuid: 2 ** 23,
  setgid: 2 ** 22,
  character: 2 ** 21,
  sticky: 2 ** 20,
} as const;

const goTypes: ReadonlyMap<number, number> = new Map([
  [modeType.directory, goBit.directory],
  [modeType.symlink, goBit.link],
  [modeType.blockDevice, goBit.device],
  [modeType.characterDevice, goBit.device + goBit.character],
  [modeType.fifo, goBit.pipe],
  [modeType.socket, goBit.socket],
]);

/** st_mode as Go's os.FileMode. */
export function goMode(mode: number): number {
  const special = (mode & 0o4000 ? goBit.setuid : 0) + (mode & 0o2000 ? goBit.setgid : 0) + (mode & 0o1000 ? goBit.sticky : 0);
  return (mode & 0o777) + special + (goTypes.get(mode & modeType.mask) ?? 0);
}

export const isGoDirectory = (mode: number): boolean => has(mode, goBit.directory);
export const isGoLink = (mode: number): boolean => has(mode, goBit.link);
export const isGoDevice = (mode: number): boolean => has(mode, goBit.device);

/** Without operators on bits, which count 32 of them with a sign. */
function has(mode: number, bit: number): boolean {
  return Math.trunc(mode / bit) % 2 === 1;
}
