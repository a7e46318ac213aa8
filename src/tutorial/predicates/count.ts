import type { CountPredicate } from '../../protocol/tutorial-check.ts';
import type { CountFinding, Finding, LeafResult } from '../check/finding.ts';
import type { Scene } from '../check/scene.ts';
import { containerWants, countContainers } from './container.ts';
import { countEvents, eventShape } from './event.ts';
import { countImages, imageWants } from './image.ts';
import { countNetworks, networkWants } from './network.ts';
import { countRequests, requestWants } from './request.ts';

export async function checkCount(match: CountPredicate, scene: Scene): Promise<LeafResult> {
  const { of, found } = await counted(match, scene);
  const { relation, limit } = broken(match, found) ?? asked(match);
  const finding: CountFinding = { predicate: 'count', ok: broken(match, found) === null, of, found, relation, limit };
  return { finding, identity: String(found) };
}

/** Whether a count reads only the log. */
export const countsLog = ({ event, request }: CountPredicate): boolean => event !== undefined || request !== undefined;

async function counted(
  { container, image, network, event, request }: CountPredicate,
  scene: Scene,
): Promise<{ of: Finding; found: number }> {
  const object = { ok: false, subject: null, miss: null };
  if (container !== undefined)
    return { of: { ...object, predicate: 'container', wanted: containerWants(container) }, found: await countContainers(container, scene) };
  if (image !== undefined) return { of: { ...object, predicate: 'image', wanted: imageWants(image) }, found: countImages(image, scene) };
  if (network !== undefined)
    return { of: { ...object, predicate: 'network', wanted: networkWants(network) }, found: countNetworks(network, scene) };
  if (event !== undefined)
    return {
      of: { ...object, predicate: 'event', type: event.type, stages: eventShape(event), reached: 0 },
      found: countEvents(event, scene),
    };
  const { method, path } = request ?? { method: '', path: '' };
  const wanted = request === undefined ? [] : requestWants(request);
  return {
    of: { ...object, predicate: 'request', method, path, wanted, seen: false },
    found: request === undefined ? 0 : countRequests(request, scene),
  };
}

type Limit = Pick<CountFinding, 'relation' | 'limit'>;

function limits(match: CountPredicate): Limit[] {
  const relations = ['exactly', 'at-least', 'at-most'] as const;
  return relations.flatMap((relation) => (match[relation] === undefined ? [] : [{ relation, limit: Number(match[relation]) }]));
}

const asked = (match: CountPredicate): Limit => limits(match)[0] ?? { relation: 'at-least', limit: 1 };

function broken(match: CountPredicate, found: number): Limit | null {
  const holds = ({ relation, limit }: Limit): boolean =>
    relation === 'exactly' ? found === limit : relation === 'at-least' ? found >= limit : found <= limit;
  return limits(match).find((limit) => !holds(limit)) ?? null;
}
