import { AppError } from '../../base/errors.ts';
import { utf8 } from '../../base/bytes.ts';
import type { LifecycleBackend, WaitCondition } from '../backend.ts';
import { laterBody } from '../byte-stream.ts';
import { isAtLeast, param, type Call } from '../call.ts';
import type { Query } from '../query.ts';
import { empty, noContent, stream } from '../respond.ts';
import { route, type Route } from '../route.ts';

export function lifecycleRoutes(lifecycle: LifecycleBackend): readonly Route[] {
  return [
    /** @docker rest "POST /containers/{id}/start" full */
    route('POST', '/containers/{id}/start', async (call) => {
      refuseHostConfig(call);
      if (call.query.text('checkpoint') !== '') throw new AppError('invalid', 'checkpoint is only supported in experimental mode');
      await lifecycle.start(param(call, 'id'));
      return noContent();
    }),

    /** @docker rest "POST /containers/{id}/stop" full */
    route('POST', '/containers/{id}/stop', async (call) => {
      await lifecycle.stop(param(call, 'id'), stopOptions(call));
      return noContent();
    }),

    /** @docker rest "POST /containers/{id}/restart" full */
    route('POST', '/containers/{id}/restart', async (call) => {
      await lifecycle.restart(param(call, 'id'), stopOptions(call));
      return noContent();
    }),

    /** @docker rest "POST /containers/{id}/kill" full */
    route('POST', '/containers/{id}/kill', async (call) => {
      await lifecycle.kill(param(call, 'id'), call.query.text('signal'));
      return noContent();
    }),

    /** @docker rest "POST /containers/{id}/pause" full */
    route('POST', '/containers/{id}/pause', async (call) => {
      await lifecycle.pause(param(call, 'id'));
      return noContent();
    }),

    /** @docker rest "POST /containers/{id}/unpause" full */
    route('POST', '/containers/{id}/unpause', async (call) => {
      await lifecycle.unpause(param(call, 'id'));
      return noContent();
    }),

    /** @docker rest "POST /containers/{id}/wait" full */
    route('POST', '/containers/{id}/wait', async (call) => {
      const { exit } = await lifecycle.wait(param(call, 'id'), waitCondition(call), call.request.signal);
      return stream(laterBody(exit.then((result) => utf8(`${JSON.stringify(result)}\n`))));
    }),

    /** @docker rest "POST /containers/{id}/resize" full */
    route('POST', '/containers/{id}/resize', async (call) => {
      const { rows, columns } = consoleSize(call.query);
      await lifecycle.resize(param(call, 'id'), rows, columns);
      return empty(200);
    }),
  ];
}

/** Before 1.22 a start had a HostConfig as its body. An object with anything in it has more than 7 bytes (moby: postContainersStart). */
function refuseHostConfig({ request: { headers } }: Call): void {
  if (headers['transfer-encoding'] === undefined && Number(headers['content-length'] ?? 0) <= 7) return;
  throw new AppError('invalid', 'starting container with non-empty request body was deprecated since API v1.22 and removed in v1.24');
}

/** @throws AppError invalid */
export function consoleSize(query: Query): { readonly rows: number; readonly columns: number } {
  return { rows: query.uint32('h', 'resize height'), columns: query.uint32('w', 'resize width') };
}

function stopOptions(call: Call): { signal?: string; timeout?: number } {
  const signal = call.query.text('signal');
  const timeout = call.query.integer('t');
  return {
    ...(signal !== '' && isAtLeast(call, '1.42') ? { signal } : {}),
    ...(timeout === undefined ? {} : { timeout }),
  };
}

/** Clients older than 1.30 do not know conditions (moby: postContainersWait). */
function waitCondition(call: Call): WaitCondition {
  const text = isAtLeast(call, '1.30') ? call.query.text('condition') : '';
  if (text === '' || text === 'not-running') return 'not-running';
  if (text === 'next-exit' || text === 'removed') return text;
  throw new AppError('invalid', `invalid condition: "${text}"`);
}
