export interface Mount {
  readonly target: string;
  readonly type: string;
  readonly options: readonly string[];
  readonly superOptions: readonly string[];
}

/** /proc/PID/mountinfo (proc_pid_mountinfo(5)); blanks in paths are \040. */
export function parseMountinfo(contents: string): readonly Mount[] {
  return contents.split('\n').flatMap((line) => {
    const [before = '', after = ''] = line.split(' - ');
    const target = before.split(' ')[4];
    const [type, , superOptions] = after.split(' ');
    if (target === undefined || type === undefined || superOptions === undefined) return [];
    const options = before.split(' ')[5]?.split(',') ?? [];
    return [
      {
        target: target.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8))),
        type,
        options,
        superOptions: superOptions.split(','),
      },
    ];
  });
}
