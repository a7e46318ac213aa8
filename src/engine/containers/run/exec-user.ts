import { AppError } from '../../../base/errors.ts';
import type { ExecConfig } from '../../../protocol/engine-api.ts';
import { errno } from '../../runtime.ts';
import type { Container } from '../container.ts';
import type { Needs } from '../context.ts';
import { plainUser } from '../spec/user.ts';

/**
 * Docker looks up whom an exec is to run as before it makes it. Numbers need no look-up; files that cannot be read are the agent's to
 * report, once it starts.
 * @throws AppError invalid "unable to find user x: no matching entries in passwd file", or group, of /etc/passwd and /etc/group in the container
 */
export async function checkExecUser({ runtime }: Needs<'runtime'>, { run }: Container, { User }: ExecConfig): Promise<void> {
  const [user = '', group = ''] = plainUser(User, 'invalid').split(':');
  const names = [
    { kind: 'user', file: 'passwd', name: user },
    { kind: 'group', file: 'group', name: group },
  ].filter(({ name }) => name !== '' && !/^\d+$/.test(name));
  if (names.length === 0 || run === null) return;
  const { pid } = run.process;
  const texts = await runtime.facts.inspect(names.map(({ file }) => ({ op: 'read', path: `/etc/${file}`, pid })));
  for (const [index, { kind, file, name }] of names.entries()) {
    const { errno: error = 0, text = '' } = texts[index] ?? {};
    if (error !== 0 && error !== errno.ENOENT) continue;
    if (text.split('\n').some((line) => line.trim().split(':')[0] === name)) continue;
    throw new AppError('invalid', `unable to find ${kind} ${name}: no matching entries in ${file} file`);
  }
}
