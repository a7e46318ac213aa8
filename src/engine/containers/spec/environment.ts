/** oci/defaults.go */
export const defaultPath = 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

export interface EnvironmentSource {
  readonly hostname: string;
  readonly tty: boolean;
  readonly env: readonly string[];
  /** Of the containers that it is linked to. */
  readonly linked: readonly string[];
}

/** container/env.go: Docker's own variables, replaced by the container's where they meet; a name without "=" takes the variable away. */
export function processEnvironment({ hostname, tty, env, linked }: EnvironmentSource): string[] {
  return overrideVariables([defaultPath, `HOSTNAME=${hostname}`, ...(tty ? ['TERM=xterm'] : []), ...linked], env);
}

/** An empty HOME counts as none, and the agent sets that of the user (runc, libcontainer/init_linux.go). */
export function withoutEmptyHome(variables: readonly string[]): string[] {
  return variables.filter((variable) => variable !== 'HOME=');
}

/** ReplaceOrAppendEnvValues of container/env.go. */
export function overrideVariables(base: readonly string[], override: readonly string[]): string[] {
  const variables = [...base];
  for (const assignment of override) {
    const name = assignment.split('=', 1)[0] ?? '';
    const index = variables.findIndex((variable) => variable.startsWith(`${name}=`));
    if (!assignment.includes('=')) {
      if (index >= 0) variables.splice(index, 1);
    } else if (index >= 0) variables[index] = assignment;
    else variables.push(assignment);
  }
  return variables;
}
