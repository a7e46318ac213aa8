export interface Mount {
  readonly target: string;
  /** "0:23": one file system has one, wherever it is mounted. */
  readonly device: string;
  /** The folder of that file system that is seen at the target. */
  readonly root: string;
  readonly type: string;
  readonly options: readonly string[];
  readonly superOptions: readonly string[];
}

/** /proc/PID/mountinfo (proc_pid_mountinfo(5)); blanks in paths are \040. */
export function parseMountinfo(contents: string): readonly Mount[] {
  return contents.split('\n').flatMap((line) => {
    const [before = '', after = ''] = line.split(' - ');
    const [, , device, root, target, options = ''] = before.split(' ');
    const [type, , superOptions] = after.split(' ');
    if (device === undefined || root === undefined || target === undefined || type === undefined || superOptions === undefined) return [];
    return [
      {
        target: unescaped(target),
        device,
        root: unescaped(root),
        type,
        options: options.split(','),
        superOptions: superOptions.split(',').map(unescaped),
      },
    ];
  });
}

const unescaped = (text: string): string =>
  text.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
