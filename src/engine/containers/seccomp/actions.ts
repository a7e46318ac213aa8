/** SECCOMP_RET_* of linux/seccomp.h. */
export const verdict = {
  killProcess: 0x8000_0000,
  killThread: 0,
  trap: 0x0003_0000,
  errno: 0x0005_0000,
  trace: 0x7ff0_0000,
  log: 0x7ffc_0000,
  allow: 0x7fff_0000,
} as const;

/** What a profile can ask for; null: an agent outside is asked (SECCOMP_RET_USER_NOTIF). */
export const actions: ReadonlyMap<string, number | null> = new Map([
  ['SCMP_ACT_ALLOW', verdict.allow],
  ['SCMP_ACT_ERRNO', verdict.errno],
  ['SCMP_ACT_KILL', verdict.killThread],
  ['SCMP_ACT_KILL_THREAD', verdict.killThread],
  ['SCMP_ACT_KILL_PROCESS', verdict.killProcess],
  ['SCMP_ACT_TRAP', verdict.trap],
  ['SCMP_ACT_LOG', verdict.log],
  ['SCMP_ACT_TRACE', verdict.trace],
  ['SCMP_ACT_NOTIFY', null],
]);
