import { z } from 'zod';
import { trimEndOf } from '../../base/trim.ts';
import { testField } from '../check/candidates.ts';
import { number, text } from '../check/container-fields.ts';
import type { Miss } from '../check/finding.ts';
import type { Reading } from '../check/match.ts';
import type { Observation } from '../check/observation.ts';
import { definePredicate, type Found } from '../check/predicate.ts';
import type { Words } from '../catalogue/catalogue.ts';
import { asItem, matcherText } from '../catalogue/en-fields.ts';
import { lazily } from '../format/lazily.ts';
import { held, matcher } from '../format/matcher.ts';
import type { ProbeAnswer, ProbeRequest } from '../probe.ts';

export const schema = /* @__PURE__ */ lazily(() =>
  z
    .strictObject({
      port: z.union([z.number().int().min(1).max(65535), z.string().min(1)]).describe('Port of the Docker host, published or its own.'),
      path: z.string().startsWith('/').optional().describe('Path and query; / unless given.'),
      send: z.string().min(1).optional().describe('JSON to be sent, with POST; GET unless given.'),
      status: matcher().optional().describe('Status of the answer; 200 unless given.'),
      body: matcher().optional().describe('The whole answer without the line breaks at its end, e.g. { contains: word }.'),
      answers: z.boolean().optional().describe('Whether anybody answers at all; true unless given.'),
      for: held(),
    })
    .refine(
      ({ answers, status, body }) => answers !== false || (status === undefined && body === undefined),
      'where nobody answers there is neither status nor body',
    )
    .describe('A server of the Docker host answers so over HTTP.'),
);
export type HttpPredicate = z.infer<ReturnType<typeof schema>>;

interface Finding {
  readonly ok: boolean;
  readonly match: HttpPredicate;
  readonly answer: ProbeAnswer;
  readonly miss: Miss | null;
}

const requestOf = ({ port, path = '/', send }: HttpPredicate): ProbeRequest => ({
  port: Number(port),
  method: send === undefined ? 'GET' : 'POST',
  path,
  body: send ?? '',
});

const noOperand = (): undefined => undefined;

function missOf({ status = 200, body }: HttpPredicate, answer: ProbeAnswer & { readonly ok: true }): Miss | null {
  const test = (field: string, wanted: NonNullable<HttpPredicate['body']>, reading: Reading): Miss | null =>
    testField({ field, matcher: wanted, reading, operand: noOperand });
  const ofStatus = test('status', status, number(answer.status));
  return ofStatus ?? (body === undefined ? null : test('body', body, text(trimEndOf(answer.text, '\r\n'))));
}

async function find(match: HttpPredicate, { guest }: Observation): Promise<Found<Finding>> {
  const answer = await guest.probe(requestOf(match));
  const miss = answer.ok ? missOf(match, answer) : null;
  const ok = match.answers === false ? !answer.ok : answer.ok && miss === null;
  return { finding: { ok, match, answer, miss }, identity: String(match.port) };
}

/** "port 8080 answers /health with status 200 and a body with “x” in it" */
function phraseOf({ port, path = '/', send, status, body, answers }: HttpPredicate): string {
  const where = `port ${port}`;
  if (answers === false) return `nobody answers at ${where}`;
  const asked = path === '/' && send === undefined ? '' : ` ${send === undefined ? '' : 'what is sent to '}${path}`;
  const said = [
    ...(status === undefined && body !== undefined ? [] : [`status ${matcherText(status ?? 200)}`]),
    ...(body === undefined ? [] : [typeof body === 'object' ? `something ${matcherText(body)}` : `“${String(body)}”`]),
  ];
  return `${where} answers${asked} with ${said.join(' and ')}`;
}

const longestBody = 80;

function words({ ok, match, answer, miss }: Finding): Words {
  const expected = phraseOf(match);
  const where = `port ${match.port}`;
  if (!answer.ok)
    return {
      expected,
      actual: answer.message,
      sentence: ok ? `Nobody answers at ${where}.` : `Nobody answers at ${where} of the Docker host.`,
    };
  const beginning = answer.text.trim().replaceAll(/\s+/g, ' ').slice(0, longestBody);
  const actual = `status ${answer.status}${beginning === '' ? '' : `, “${beginning}”`}`;
  if (ok) return { expected, actual, sentence: `P${expected.slice(1)}.` };
  if (miss === null) return { expected, actual, sentence: `Somebody answers at ${where}, and nobody should.` };
  const wanted = `P${where.slice(1)} answers with ${miss.field === 'status' ? `status ${answer.status}` : `“${beginning}”`}`;
  return { expected, actual, sentence: `${wanted}; it has to be ${missed(match, miss)}.` };
}

const missed = ({ status = 200, body }: HttpPredicate, { field }: Miss): string => {
  const matcher = field === 'status' ? status : (body ?? '');
  return typeof matcher === 'object'
    ? matcherText(matcher).replace(/^with /, 'something with ')
    : field === 'status'
      ? String(matcher)
      : `“${String(matcher)}”`;
};

export const predicate = definePredicate({
  timing: 'level',
  find,
  words: { en: asItem(words) },
  heldFor: (match) => match.for,
  polled: () => true,
});
