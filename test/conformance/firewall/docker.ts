import { spawn } from 'node:child_process';

export interface Said {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The real client. @param host as DOCKER_HOST has it */
export function docker(host: string, args: readonly string[]): Promise<Said> {
  const child = spawn('docker', args, { env: { ...process.env, DOCKER_HOST: host } });
  const out = { stdout: '', stderr: '' };
  child.stdout.on('data', (chunk) => (out.stdout += String(chunk)));
  child.stderr.on('data', (chunk) => (out.stderr += String(chunk)));
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, ...out })));
}
