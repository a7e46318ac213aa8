/** A client of the Engine API, over whatever it is. */
export interface ApiCaller {
  /** @returns the status, and the answer read as JSON where it is */
  call(method: string, target: string, body?: unknown): Promise<{ readonly status: number; readonly json: unknown }>;
  /** Asks for what streams without end, and goes away once the answer has begun. */
  leave(method: string, target: string): Promise<void>;
}

/** How many calls a round makes. */
export const callsOfRound = 28;

/** One round of what clients ask for: a life with networks, volumes, executions and files, mistakes, and streams that are left. Nothing of it stays. */
export async function mixedRound({ call, leave }: ApiCaller, number: number): Promise<void> {
  const expect = async (status: number, method: string, target: string, body?: unknown): Promise<unknown> => {
    const answer = await call(method, target, body);
    if (answer.status !== status) throw new Error(`${method} ${target}: ${answer.status} ${JSON.stringify(answer.json)}`);
    return answer.json;
  };
  const name = `round-${number}`;
  await expect(201, 'POST', '/networks/create', { Name: name });
  await expect(201, 'POST', '/volumes/create', { Name: name });
  const body = { Image: 'busybox', Cmd: ['sleep', '1000'], HostConfig: { Binds: [`${name}:/v`] }, Labels: { round: name } };
  await expect(201, 'POST', `/containers/create?name=${name}`, body);
  await expect(204, 'POST', `/containers/${name}/start`);
  await expect(200, 'POST', `/networks/${name}/connect`, { Container: name });
  await expect(200, 'GET', `/containers/${name}/json`);
  await expect(200, 'GET', '/containers/json?all=1');
  const id = idOf(await expect(201, 'POST', `/containers/${name}/exec`, { Cmd: ['echo', 'hello'], AttachStdout: true }));
  await expect(200, 'POST', `/exec/${id}/start`, { Detach: true });
  await expect(200, 'GET', `/exec/${id}/json`);
  await leave('GET', `/containers/${name}/logs?follow=1&stdout=1&stderr=1`);
  await leave('POST', `/containers/${name}/attach?stream=1&stdout=1`);
  await leave('POST', `/containers/${name}/wait`);
  await leave('GET', '/events');
  await expect(200, 'GET', `/containers/${name}/logs?stdout=1`);
  await expect(204, 'POST', `/containers/${name}/pause`);
  await expect(204, 'POST', `/containers/${name}/unpause`);
  await expect(200, 'POST', `/containers/${name}/update`, { RestartPolicy: { Name: 'no' } });
  await expect(204, 'POST', `/containers/${name}/rename?name=${name}-b`);
  await expect(404, 'GET', `/containers/${name}/json`);
  await expect(409, 'DELETE', `/volumes/${name}`);
  await expect(404, 'POST', '/containers/create', { Image: `nonesuch-${number}` });
  await expect(400, 'POST', '/containers/create', { Image: 'busybox', HostConfig: { Memory: 1 } });
  await expect(201, 'POST', `/images/busybox/tag?repo=${name}&tag=1`);
  await expect(200, 'DELETE', `/images/${name}:1`);
  await expect(204, 'DELETE', `/containers/${name}-b?force=1&v=1`);
  await expect(204, 'DELETE', `/networks/${name}`);
  await expect(204, 'DELETE', `/volumes/${name}`);
}

function idOf(json: unknown): string {
  if (typeof json !== 'object' || json === null || !('Id' in json)) throw new Error('an answer without an Id');
  return String(json.Id);
}
