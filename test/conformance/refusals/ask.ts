import { z } from 'zod';
import { badRequests, titleOf, type BadRequest } from './requests.ts';

export interface RawAnswer {
  readonly status: number;
  readonly text: string;
}

/** Sends one request to an engine; what streams without end is left after its head. */
export type Ask = (request: BadRequest) => Promise<RawAnswer>;

/** Of one request in one line: the status, then the message, or the warnings of what was taken. */
export type Answers = ReadonlyMap<string, string>;

const containers = ['rules-stopped', 'rules-running', 'rules-paused', 'rules-gone-after', 'rules-ended'];
const messageSchema = z.object({ message: z.string() });
const createdSchema = z.object({ Id: z.string(), Warnings: z.array(z.string()).nullish() });
const updatedSchema = z.object({ Warnings: z.array(z.string()).nullable() });

/** Asks everything of an engine that has busybox, one after the other, and leaves nothing behind. */
export async function askAll(ask: Ask): Promise<Answers> {
  const answers = new Map<string, string>();
  let ids = await prepare(ask);
  for (const request of badRequests) {
    const answer = await ask(request);
    answers.set(titleOf(request), await describe(ask, request, { answer, ids }));
    if (answer.status < 300 && changes(request)) {
      await clear(ask, ids);
      ids = await prepare(ask);
    }
  }
  await clear(ask, ids);
  return answers;
}

async function prepare(ask: Ask): Promise<ReadonlyMap<string, string>> {
  const ids = new Map<string, string>();
  for (const name of containers) {
    const Cmd = name === 'rules-ended' ? ['true'] : ['sleep', '100000'];
    const body = { Image: 'busybox', Cmd, HostConfig: { AutoRemove: name === 'rules-gone-after' } };
    const { text } = await ask({ method: 'POST', target: `/containers/create?name=${name}`, body });
    ids.set(createdSchema.parse(JSON.parse(text)).Id, name);
    if (name !== 'rules-stopped') await ask({ method: 'POST', target: `/containers/${name}/start` });
  }
  await ask({ method: 'POST', target: '/containers/rules-ended/wait' });
  await ask({ method: 'POST', target: '/containers/rules-paused/pause' });
  return ids;
}

async function clear(ask: Ask, ids: ReadonlyMap<string, string>): Promise<void> {
  for (const id of ids.keys()) await ask({ method: 'DELETE', target: `/containers/${id}?force=1&v=1` });
}

function changes({ method, target }: BadRequest): boolean {
  return method !== 'GET' && method !== 'HEAD' && /\/containers\/rules-/.test(target);
}

interface Asked {
  readonly answer: RawAnswer;
  readonly ids: ReadonlyMap<string, string>;
}

async function describe(ask: Ask, { method, target }: BadRequest, { answer: { status, text }, ids }: Asked): Promise<string> {
  const body = parse(text);
  if (status >= 400) {
    const refused = messageSchema.safeParse(body);
    return `${status} ${withoutIds(refused.success ? refused.data.message : `plain text: ${text.trim()}`, ids)}`;
  }
  const created = createdSchema.safeParse(body);
  if (status === 201 && created.success && target.includes('/containers/create')) {
    await ask({ method: 'DELETE', target: `/containers/${created.data.Id}?force=1&v=1` });
    return [status, ...(created.data.Warnings ?? [])].join(' ');
  }
  if (status === 201 && target.includes('/tag?')) await untag(ask, target);
  const updated = updatedSchema.safeParse(body);
  return [status, ...(method === 'POST' && updated.success ? (updated.data.Warnings ?? []) : [])].join(' ');
}

async function untag(ask: Ask, target: string): Promise<void> {
  const query = new URLSearchParams(target.slice(target.indexOf('?')));
  await ask({ method: 'DELETE', target: `/images/${query.get('repo') ?? ''}:${query.get('tag') ?? 'latest'}` });
}

function withoutIds(message: string, ids: ReadonlyMap<string, string>): string {
  let text = message;
  for (const [id, name] of ids) text = text.replaceAll(id, `<${name}>`);
  return text.replace(/\b[0-9a-f]{64}\b/g, (found) => (/^a+$/.test(found) ? found : '<id>'));
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
