/** Go's texts of what the kernel may say of a path (syscall, zerrors_linux.go). */
const texts: ReadonlyMap<number, string> = new Map([
  [1, 'operation not permitted'],
  [2, 'no such file or directory'],
  [5, 'input/output error'],
  [13, 'permission denied'],
  [16, 'device or resource busy'],
  [17, 'file exists'],
  [18, 'invalid cross-device link'],
  [20, 'not a directory'],
  [21, 'is a directory'],
  [22, 'invalid argument'],
  [28, 'no space left on device'],
  [30, 'read-only file system'],
  [36, 'file name too long'],
  [40, 'too many levels of symbolic links'],
]);

export function errnoText(errno: number): string {
  return texts.get(errno) ?? `errno ${errno}`;
}
