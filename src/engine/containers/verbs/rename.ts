import { AppError, toAppError } from '../../../base/errors.ts';
import { logContainerEvent, type Needs } from '../context.ts';
import { renameLinks } from '../links.ts';
import { checkName } from '../names.ts';
import { containerNotFound } from '../store.ts';

/** POST /containers/{id}/rename. @throws AppError invalid, conflict, in the words of daemon/rename.go */
export async function renameContainer(context: Needs<'store' | 'events'>, reference: string, newName: string): Promise<void> {
  const { store } = context;
  if (reference === '' || newName === '') throw new AppError('invalid', 'Neither old nor new names may be empty');
  const found = store.find(reference);
  const slashed = newName.startsWith('/') ? newName : `/${newName}`;
  const name = allocating(() => checkName(slashed));
  await found.locked((container) => {
    if (!store.has(container)) throw containerNotFound(reference);
    const oldName = container.name;
    if (name === oldName) throw new AppError('invalid', 'Renaming a container with the same name as its current name');
    allocating(() => store.reserveName(name, container.id));
    store.releaseName(oldName);
    container.name = name;
    renameLinks(store, container, oldName);
    logContainerEvent(context, container, 'rename', { oldName: `/${oldName}` });
  });
}

function allocating<T>(attempt: () => T): T {
  try {
    return attempt();
  } catch (thrown) {
    const { kind, message } = toAppError(thrown);
    throw new AppError(kind, `Error when allocating new name: ${message}`, { cause: thrown });
  }
}
