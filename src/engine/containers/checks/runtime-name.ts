export const runcShim = 'containerd-shim-runc-v2';

/**
 * The program that containerd would start for a runtime that is called as it calls them, "io.containerd.runc.v2": of the last two parts
 * (containerd: pkg/shim, BinaryName). null for any other name, which a daemon has to know.
 */
export function shimOf(runtime: string): string | null {
  const parts = runtime.split('.');
  if (parts.length < 2 || parts[0] === '' || runtime.startsWith('/')) return null;
  return `containerd-shim-${parts.at(-2) ?? ''}-${parts.at(-1) ?? ''}`;
}
