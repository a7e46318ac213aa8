import { AppError } from '../../base/errors.ts';
import { encodeBase64 } from '../../grammar/base64.ts';
import type { ArchivesBackend } from '../backend.ts';
import { param, type Call } from '../call.ts';
import { empty, stream, type Reply } from '../respond.ts';
import { route, type Route } from '../route.ts';

export function archiveRoutes(archives: ArchivesBackend): readonly Route[] {
  return [
    /** @docker rest "HEAD /containers/{id}/archive" full */
    route('HEAD', '/containers/{id}/archive', async (call) => {
      const stat = await archives.stat(param(call, 'id'), pathOf(call));
      return { ...empty(200), headers: { 'x-docker-container-path-stat': encodeBase64(JSON.stringify(stat)) } };
    }),

    /** @docker rest "GET /containers/{id}/archive" full */
    route('GET', '/containers/{id}/archive', async (call): Promise<Reply> => {
      const { stat, archive } = await archives.read(param(call, 'id'), pathOf(call));
      const reply = stream(archive, 'application/x-tar');
      return { ...reply, headers: { ...reply.headers, 'x-docker-container-path-stat': encodeBase64(JSON.stringify(stat)) } };
    }),

    /** @docker rest "PUT /containers/{id}/archive" full */
    route('PUT', '/containers/{id}/archive', async (call) => {
      const { query, request } = call;
      const options = {
        path: pathOf(call),
        noOverwriteDirNonDir: query.flag('noOverwriteDirNonDir'),
        copyUIDGID: query.flag('copyUIDGID'),
      };
      await archives.extract(param(call, 'id'), options, request.body);
      return empty(200);
    }),

    /** @docker rest "GET /containers/{id}/export" full */
    route('GET', '/containers/{id}/export', async (call) => stream(await archives.export(param(call, 'id')), 'application/octet-stream')),
  ];
}

/** Moby: httputils, ArchiveFormValues, with its own slip. */
function pathOf(call: Call): string {
  const path = call.query.text('path');
  if (path === '') throw new AppError('invalid', 'bad parameter: pathcannot be empty');
  return path;
}
