/** What this client calls itself; scripts that compare Docker versions read the part before the hyphen. */
export const clientVersion = {
  version: '28.2.2-drydock',
  apiVersion: '1.50',
  gitCommit: 'drydock',
} as const;

/** The Client part of `docker version`, but for its context. It is not built by Go and runs on no operating system of its own. */
export const clientInfo = {
  Version: clientVersion.version,
  ApiVersion: clientVersion.apiVersion,
  DefaultAPIVersion: clientVersion.apiVersion,
  GitCommit: clientVersion.gitCommit,
  GoVersion: 'none (TypeScript)',
  Os: 'linux',
  Arch: '386',
  BuildTime: 'with this page',
} as const;
