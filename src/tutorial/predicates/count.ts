import { z } from 'zod';
import { definePredicate, type Found, type Timing } from '../check/predicate.ts';
import type { Observation } from '../check/observation.ts';
import type { Locale, Words } from '../catalogue/catalogue.ts';
import { asItem, relationText } from '../catalogue/en-fields.ts';
import { lazily } from '../format/lazily.ts';
import { countable as containers, schema as container } from './container.ts';
import { countable as events, schema as event } from './event.ts';
import { countable as images, schema as image } from './image.ts';
import { countable as networks, schema as network } from './network.ts';
import { countable as requests, schema as request } from './request.ts';
import { countable as volumes, schema as volume } from './volume.ts';

const relations = ['exactly', 'at-least', 'at-most'] as const;
const number = /* @__PURE__ */ lazily(() => z.union([z.number().int().min(0), z.string()]).optional());

export const schema = /* @__PURE__ */ lazily(() =>
  z
    .strictObject({
      container: container().omit({ for: true }).optional().describe('Counts containers.'),
      image: image().optional().describe('Counts images.'),
      network: network().optional().describe('Counts networks.'),
      volume: volume().optional().describe('Counts volumes.'),
      event: event().optional().describe('Counts objects to which it happened.'),
      request: request().optional().describe('Counts requests.'),
      exactly: number().describe('This many.'),
      'at-least': number().describe('Not fewer.'),
      'at-most': number().describe('Not more.'),
    })
    .refine(
      ({ container, image, network, volume, event, request }) =>
        [container, image, network, volume, event, request].filter((of) => of !== undefined).length === 1,
      'count takes one of container, image, network, volume, event, request',
    )
    .refine((count) => relations.some((relation) => count[relation] !== undefined), 'count needs exactly, at-least or at-most')
    .describe('A number of things match.'),
);
export type CountPredicate = z.infer<ReturnType<typeof schema>>;

interface Finding {
  readonly ok: boolean;
  readonly found: number;
  readonly relation: (typeof relations)[number];
  readonly limit: number;
  /** What is counted, in the number that goes with it. */
  phrase(locale: Locale, many: boolean): string;
}

interface Counted {
  readonly found: number;
  readonly phrase: Finding['phrase'];
}

async function counted(match: CountPredicate, observation: Observation): Promise<Counted> {
  const { container, image, network, volume, event, request } = match;
  if (container !== undefined)
    return {
      found: await containers.count(container, observation),
      phrase: (locale, many) => containers.phrase[locale](container, many),
    };
  if (image !== undefined)
    return { found: await images.count(image, observation), phrase: (locale, many) => images.phrase[locale](image, many) };
  if (network !== undefined)
    return { found: await networks.count(network, observation), phrase: (locale, many) => networks.phrase[locale](network, many) };
  if (volume !== undefined)
    return { found: await volumes.count(volume, observation), phrase: (locale, many) => volumes.phrase[locale](volume, many) };
  if (event !== undefined)
    return { found: await events.count(event, observation), phrase: (locale, many) => events.phrase[locale](event, many) };
  if (request !== undefined)
    return { found: await requests.count(request, observation), phrase: (locale, many) => requests.phrase[locale](request, many) };
  return { found: 0, phrase: () => '' };
}

async function find(match: CountPredicate, observation: Observation): Promise<Found<Finding>> {
  const { found, phrase } = await counted(match, observation);
  const missed = broken(match, found);
  const { relation, limit } = missed ?? limits(match)[0] ?? { relation: 'at-least', limit: 1 };
  return { finding: { ok: missed === null, found, relation, limit, phrase }, identity: String(found) };
}

type Limit = Pick<Finding, 'relation' | 'limit'>;

const limits = (match: CountPredicate): Limit[] =>
  relations.flatMap((relation) => (match[relation] === undefined ? [] : [{ relation, limit: Number(match[relation]) }]));

function broken(match: CountPredicate, found: number): Limit | null {
  const holds = ({ relation, limit }: Limit): boolean =>
    relation === 'exactly' ? found === limit : relation === 'at-least' ? found >= limit : found <= limit;
  return limits(match).find((limit) => !holds(limit)) ?? null;
}

/** A count of the log's entries only rises, but can rise above `exactly` and `at-most`: then it is not latched. */
function timing(match: CountPredicate): Timing {
  const ofLog = match.event !== undefined || match.request !== undefined;
  return ofLog && match.exactly === undefined && match['at-most'] === undefined ? 'edge' : 'level';
}

const plural = new Intl.PluralRules('en');
const isMany = (count: number): boolean => plural.select(count) !== 'one';

function words({ ok, found, relation, limit, phrase }: Finding): Words {
  const isNone = relation === 'exactly' && limit === 0;
  const amount = isNone ? 'no' : relationText(relation === 'exactly' ? 'equal' : relation, String(limit));
  const expected = `${amount} ${phrase('en', isMany(limit))}`;
  const there = `There ${isMany(found) ? 'are' : 'is'} ${found === 0 ? 'no' : found} ${phrase('en', isMany(found))}`;
  return {
    expected,
    actual: String(found),
    sentence: ok ? `${there}.` : `${there}; ${isNone ? 'none' : amount} ${isMany(limit) ? 'are' : 'is'} wanted.`,
  };
}

export const predicate = definePredicate({
  timing,
  find,
  words: { en: asItem(words) },
  polled: ({ container: match }) => match !== undefined && containers.polled(match),
});
