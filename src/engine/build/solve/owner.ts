/** Whose files become (moby/buildkit: solver/llbsolver/file, readUser): what nobody knows by name is root's, or of the group that it was. */
import { AppError } from '../../../base/errors.ts';
import type { Runtime } from '../../runtime.ts';

export interface Owner {
  readonly uid: number;
  readonly gid: number;
}

export const rootOwner: Owner = { uid: 0, gid: 0 };

/** Of /etc/passwd and /etc/group; containers have some kilobytes. */
const largestTable = 1024 * 1024;

/**
 * @param written "user", "user:group", in names or numbers; '' is root
 * @param root where the guest shows the tree whose tables count; null: there is no tree
 * @throws AppError invalid "invalid user index: -1" for a name where there is no tree
 */
export async function findOwner(runtime: Pick<Runtime, 'facts'>, root: string | null, written: string): Promise<Owner> {
  const [user = '', group] = written.split(/:(.*)/s);
  const [userId, groupId] = [numberOf(user), group === undefined ? null : numberOf(group)];
  if (userId !== null && (group === undefined || groupId !== null))
    return { uid: userId, gid: group === undefined ? userId : (groupId ?? 0) };
  if (root === null) throw new AppError('invalid', 'invalid user index: -1');
  const [users, groups] = await runtime.facts.inspect([
    { op: 'read', path: '/etc/passwd', root, max: largestTable },
    { op: 'read', path: '/etc/group', root, max: largestTable },
  ]);
  const entry = userId === null ? rowOf(users?.text ?? '', user) : undefined;
  const uid = userId ?? Number(entry?.[2] ?? 0);
  const own = userId ?? Number(entry?.[3] ?? 0);
  if (group === undefined) return { uid, gid: own };
  return { uid, gid: groupId ?? Number(rowOf(groups?.text ?? '', group)?.[2] ?? own) };
}

function numberOf(text: string): number | null {
  if (text === '' || text === 'root') return 0;
  return /^\d+$/.test(text) && Number(text) <= 0xffffffff ? Number(text) : null;
}

function rowOf(table: string, name: string): readonly string[] | undefined {
  return table
    .split('\n')
    .map((line) => line.split(':'))
    .find((fields) => fields[0] === name);
}
