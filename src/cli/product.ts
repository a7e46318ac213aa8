/** What this client calls itself; scripts that compare Docker versions read the part before the hyphen. */
export const clientVersion = {
  version: '28.2.2-drydock',
  apiVersion: '1.50',
  gitCommit: 'drydock',
  goVersion: 'none (TypeScript)',
} as const;
