/** Go's texts of what the kernel says of files and connections (syscall, zerrors_linux.go). */
const texts: ReadonlyMap<number, string> = new Map([
  [1, 'operation not permitted'],
  [2, 'no such file or directory'],
  [5, 'input/output error'],
  [6, 'no such device or address'],
  [9, 'bad file descriptor'],
  [12, 'cannot allocate memory'],
  [13, 'permission denied'],
  [16, 'device or resource busy'],
  [17, 'file exists'],
  [18, 'invalid cross-device link'],
  [19, 'no such device'],
  [20, 'not a directory'],
  [21, 'is a directory'],
  [22, 'invalid argument'],
  [24, 'too many open files'],
  [26, 'text file busy'],
  [27, 'file too large'],
  [28, 'no space left on device'],
  [30, 'read-only file system'],
  [32, 'broken pipe'],
  [36, 'file name too long'],
  [40, 'too many levels of symbolic links'],
  [101, 'network is unreachable'],
  [103, 'software caused connection abort'],
  [104, 'connection reset by peer'],
  [110, 'connection timed out'],
  [111, 'connection refused'],
  [113, 'no route to host'],
  [122, 'disk quota exceeded'],
]);

/** @param errno Linux's number */
export function errnoText(errno: number): string {
  return texts.get(errno) ?? `errno ${errno}`;
}
