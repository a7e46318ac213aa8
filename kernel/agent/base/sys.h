/* System calls without errno: each returns its result or -errno. A launching child shares the agent's memory
 * (launch/clone.c), its errno included, so nothing on its path may use libc's wrappers. */
#pragma once
#include <stddef.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <sys/uio.h>

#ifndef SYS_open_tree
#define SYS_open_tree 428
#define SYS_move_mount 429
#endif
#ifndef SYS_pidfd_open
#define SYS_pidfd_open 434
#endif
#ifndef SYS_clone3
#define SYS_clone3 435
#endif
#ifndef SYS_close_range
#define SYS_close_range 436
#endif
#ifndef SYS_openat2
#define SYS_openat2 437
#endif
#ifndef SYS_mount_setattr
#define SYS_mount_setattr 442
#endif

/* i386 kept the 16-bit user ids under the plain names. */
#ifdef __i386__
#define SYS_SETRESUID SYS_setresuid32
#define SYS_SETRESGID SYS_setresgid32
#define SYS_SETGROUPS SYS_setgroups32
#define SYS_CLOCK_SETTIME 404 /* clock_settime64 */
#define SYS_FCNTL SYS_fcntl64
#define SYS_FSTATFS SYS_fstatfs64
#define SYS_UTIMENSAT 412 /* utimensat_time64 */
#else
#define SYS_SETRESUID SYS_setresuid
#define SYS_SETRESGID SYS_setresgid
#define SYS_SETGROUPS SYS_setgroups
#define SYS_CLOCK_SETTIME SYS_clock_settime
#define SYS_FCNTL SYS_fcntl
#define SYS_UTIMENSAT SYS_utimensat
#endif

long sys_call(long number, long a, long b, long c, long d, long e, long f);
/* Calls clone3(2); the child runs `run(argument)` on the stack that `arguments` gives it and exits with its result. */
long sys_clone3(const void *arguments, size_t size, int (*run)(void *), void *argument);

#define SYS_PICK(n, a, b, c, d, e, f, ...)                                                                             \
  sys_call((long)(n), (long)(a), (long)(b), (long)(c), (long)(d), (long)(e), (long)(f))
#define SYS(...) SYS_PICK(__VA_ARGS__, 0, 0, 0, 0, 0, 0, 0)

static inline int sys_open(int directory, const char *path, int flags, unsigned mode) {
  return (int)SYS(SYS_openat, directory, path, flags, mode);
}
static inline int sys_close(int fd) {
  return (int)SYS(SYS_close, fd);
}
static inline long sys_read(int fd, void *to, size_t size) {
  return SYS(SYS_read, fd, to, size);
}
static inline long sys_write(int fd, const void *from, size_t size) {
  return SYS(SYS_write, fd, from, size);
}
/* Offsets are whole numbers of file positions; both architectures take them differently. */
static inline long sys_pread(int fd, void *to, size_t size, uint64_t offset) {
#ifdef __i386__
  return SYS(SYS_pread64, fd, to, size, (uint32_t)offset, (uint32_t)(offset >> 32));
#else
  return SYS(SYS_pread64, fd, to, size, offset);
#endif
}
static inline long sys_pwrite(int fd, const void *from, size_t size, uint64_t offset) {
#ifdef __i386__
  return SYS(SYS_pwrite64, fd, from, size, (uint32_t)offset, (uint32_t)(offset >> 32));
#else
  return SYS(SYS_pwrite64, fd, from, size, offset);
#endif
}
static inline long sys_seek(int fd, uint64_t offset) {
#ifdef __i386__
  uint64_t found;
  return SYS(SYS__llseek, fd, (uint32_t)(offset >> 32), (uint32_t)offset, &found, 0);
#else
  long found = SYS(SYS_lseek, fd, offset, 0);
  return found < 0 ? found : 0;
#endif
}
static inline long sys_truncate(int fd, uint64_t size) {
#ifdef __i386__
  return SYS(SYS_ftruncate64, fd, (uint32_t)size, (uint32_t)(size >> 32));
#else
  return SYS(SYS_ftruncate, fd, size);
#endif
}
static inline long sys_ioctl(int fd, unsigned long request, void *argument) {
  return SYS(SYS_ioctl, fd, request, argument);
}
