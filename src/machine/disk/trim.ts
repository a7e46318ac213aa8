import { AppError } from '../../base/errors.ts';
import type { SparseDisk } from './sparse-disk.ts';

/** v86's ATA drive (src/ide.js), as far as this file changes it. */
interface Drive {
  readonly data: Uint8Array;
  features_reg: number;
  ata_command(command: number): void;
  create_identify_packet(): void;
  ata_abort_command(): void;
}

interface Channel {
  master: Drive;
  current_interface: Drive;
}

/** Commands, and bits of IDENTIFY DEVICE's words, of ATA/ATAPI-8 ACS. */
const ata = { dataSetManagement: 0x06, writeDmaExt: 0x35, trim: 1 } as const;
const identify = { majorVersion: 80, additional: 69, blocksOfRanges: 105, dataSetManagement: 169 } as const;
/** ATA8-ACS: Linux asks for TRIM from ATA/ATAPI-7 on only (ata_id_has_trim). */
const ata4To8 = 0x01f0;
/** Trimmed sectors read as zeros, always. */
const deterministicZeros = (1 << 14) | (1 << 5);

/**
 * Teaches the first drive of a loaded v86 to TRIM, which its emulation lacks: the command's list of ranges comes by DMA like sectors that
 * are written, and `disk` takes it for what it is. Only this instance is changed; its drive stays, behind one that inherits from it.
 * @throws AppError internal for a v86 whose drive is made in another way
 */
export function teachTrim(v86: object, disk: Pick<SparseDisk, 'expectRanges'>): void {
  const channel = follow(v86, ['v86', 'cpu', 'devices', 'ide', 'primary']);
  if (!isChannel(channel)) throw new AppError('internal', 'this version of v86 has another disk drive');
  const plain = channel.master;
  const drive: Drive = Object.assign<Drive, Pick<Drive, 'ata_command' | 'create_identify_packet'>>(Object.create(plain), {
    ata_command(command) {
      if (command !== ata.dataSetManagement) return plain.ata_command.call(drive, command);
      if ((drive.features_reg & ata.trim) === 0) return drive.ata_abort_command();
      disk.expectRanges();
      plain.ata_command.call(drive, ata.writeDmaExt);
    },
    create_identify_packet() {
      plain.create_identify_packet.call(drive);
      const words = new DataView(drive.data.buffer, drive.data.byteOffset);
      words.setUint16(2 * identify.majorVersion, ata4To8, true);
      words.setUint16(2 * identify.additional, deterministicZeros, true);
      words.setUint16(2 * identify.blocksOfRanges, 1, true);
      words.setUint16(2 * identify.dataSetManagement, ata.trim, true);
    },
  });
  if (channel.current_interface === plain) channel.current_interface = drive;
  channel.master = drive;
}

function follow(value: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>((from, name) => (typeof from === 'object' && from !== null ? Reflect.get(from, name) : undefined), value);
}

function isChannel(value: unknown): value is Channel {
  const methods = ['ata_command', 'create_identify_packet', 'ata_abort_command'];
  const drive = follow(value, ['master']);
  if (typeof drive !== 'object' || drive === null || follow(value, ['current_interface']) === undefined) return false;
  return methods.every((name) => typeof Reflect.get(drive, name) === 'function') && Reflect.get(drive, 'data') instanceof Uint8Array;
}
