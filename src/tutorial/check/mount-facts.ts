import { lazily } from '../format/lazily.ts';
import { matcher, matcherMap, type Matcher } from '../format/matcher.ts';
import { boolean, list, text } from './container-fields.ts';
import type { Reading } from './match.ts';
import type { Mount } from './mountinfo.ts';

/** What may be asked of a mount, wherever it is. */
export const mountShape = /* @__PURE__ */ lazily(() => ({
  type: matcher().optional().describe('File system type.'),
  readonly: matcher().optional().describe('Whether the mount is read-only.'),
  options: matcher().optional().describe('Mount and superblock options as a list, e.g. { contains: size=8192k }.'),
  values: matcherMap()
    .optional()
    .describe('Options that have a value, by name, as they were given: lowerdir, upperdir and workdir of an overlay, size of a tmpfs.'),
  device: matcher()
    .optional()
    .describe('Device number, "0:23": one file system has one, wherever it is mounted; for same-as and differs-from.'),
}));
export interface MountMatch {
  readonly type?: Matcher | undefined;
  readonly readonly?: Matcher | undefined;
  readonly options?: Matcher | undefined;
  readonly values?: Readonly<Record<string, Matcher>> | undefined;
  readonly device?: Matcher | undefined;
}

/** A field of a mount: `type`, `values.upperdir`. */
export interface MountWant {
  readonly field: string;
  readonly matcher: Matcher;
  readonly read: (mount: Mount) => Reading | undefined;
}

export function mountWants({ type, readonly, options, values, device }: MountMatch): readonly MountWant[] {
  const want = (field: string, matcher: Matcher | undefined, read: MountWant['read']): MountWant[] =>
    matcher === undefined ? [] : [{ field, matcher, read }];
  return [
    ...want('type', type, (mount) => text(mount.type)),
    ...want('readonly', readonly, (mount) => boolean(mount.options.includes('ro'))),
    ...want('options', options, (mount) => list([...mount.options, ...mount.superOptions])),
    ...Object.entries(values ?? {}).flatMap(([name, matcher]) => want(`values.${name}`, matcher, (mount) => valueOf(mount, name))),
    ...want('device', device, (mount) => text(mount.device)),
  ];
}

function valueOf({ options, superOptions }: Mount, name: string): Reading | undefined {
  const found = [...superOptions, ...options].find((option) => option.startsWith(`${name}=`));
  return found === undefined ? undefined : text(found.slice(name.length + 1));
}
