import type { Integer } from '../../grammar/strconv.ts';
import { AppError } from '../../base/errors.ts';
import { execConfigSchema, execStartSchema } from '../../protocol/engine-api.ts';
import { attachReply } from '../attach-connection.ts';
import type { ExecBackend } from '../backend.ts';
import { param } from '../call.ts';
import { parseDetachKeys } from '../../grammar/detach-keys.ts';
import { readJson } from '../request-body.ts';
import { empty, json } from '../respond.ts';
import { route, type Route } from '../route.ts';
import { consoleSize } from './lifecycle.ts';

export function execRoutes(exec: ExecBackend): readonly Route[] {
  return [
    /** @docker rest "POST /containers/{id}/exec" full */
    route('POST', '/containers/{id}/exec', async (call) => {
      const config = await readJson(call.request, execConfigSchema, { goName: 'ExecOptions' });
      if ((config.Cmd ?? []).length === 0) throw new AppError('invalid', 'No exec command specified');
      const check = (): void => checkEscapeKeys(config.DetachKeys);
      return json(await exec.create(param(call, 'id'), config, check), 201);
    }),

    /** @docker rest "POST /exec/{id}/start" full */
    route('POST', '/exec/{id}/start', async (call) => {
      const id = param(call, 'id');
      const body = await readJson(call.request, execStartSchema, { goName: 'ExecStartOptions' });
      const { DetachKeys } = await exec.inspect(id);
      const keys = parseDetachKeys(DetachKeys);
      const session = await exec.start(id, { detach: body.Detach, tty: body.Tty, consoleSize: sizeOf(body.ConsoleSize) });
      if (session === null) return empty(200);
      return attachReply(call, session, { detachKeys: keys, tty: body.Tty, begin: () => session.begin() });
    }),

    /** @docker rest "POST /exec/{id}/resize" full */
    route('POST', '/exec/{id}/resize', async (call) => {
      const { rows, columns } = consoleSize(call.query);
      await exec.resize(param(call, 'id'), rows, columns);
      return empty(200);
    }),

    /** @docker rest "GET /exec/{id}/json" full */
    route('GET', '/exec/{id}/json', async (call) => json(await exec.inspect(param(call, 'id')))),
  ];
}

/** Moby gives these no class, and other words than those of attach (daemon/exec.go). */
function checkEscapeKeys(text: string): void {
  try {
    parseDetachKeys(text);
  } catch (thrown) {
    throw new AppError('internal', `Invalid escape keys (${text}) provided`, { cause: thrown });
  }
}

/** Rows and columns as Go makes a uint32 of a uint. */
function sizeOf(size: readonly Integer[] | null): { readonly rows: number; readonly columns: number } | null {
  if (size === null) return null;
  const [rows = 0, columns = 0] = size.map((cells) => Number(BigInt.asUintN(32, BigInt(cells))));
  return { rows, columns };
}
