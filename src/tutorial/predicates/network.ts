import type { Network } from '../../protocol/engine-api.ts';
import type { NetworkPredicate } from '../../protocol/tutorial-check.ts';
import { assess, nearest, type FieldTest } from '../check/candidates.ts';
import { list, text } from '../check/container-fields.ts';
import type { LeafResult, Want } from '../check/finding.ts';
import type { Reading } from '../check/match.ts';
import { splitOperand, type Scene } from '../check/scene.ts';

type Field = keyof NetworkPredicate;

const networkFields: Readonly<Record<Field, (network: Network) => Reading>> = {
  name: ({ Name }) => text(Name),
  driver: ({ Driver }) => text(Driver),
  containers: ({ Containers }) => list(Object.values(Containers).map(({ Name }) => Name)),
};

const isField = (key: string): key is Field => Object.hasOwn(networkFields, key);

function tests(match: NetworkPredicate, network: Network, scene: Scene): FieldTest[] {
  return networkWants(match).map(({ field, matcher }) => ({
    field,
    matcher,
    reading: isField(field) ? networkFields[field](network) : undefined,
    operand: (operand) => {
      const [kind, name] = splitOperand(operand);
      const engine = kind === 'entry' ? scene.entry : scene.engine;
      const other = engine.networks.find(({ Name }) => Name === (kind === 'entry' ? network.Name : name));
      return other === undefined || !isField(field) ? undefined : networkFields[field](other);
    },
  }));
}

export const networkWants = (match: NetworkPredicate): readonly Want[] =>
  Object.keys(match)
    .filter(isField)
    .flatMap((field) => (match[field] === undefined ? [] : [{ field, matcher: match[field] }]));

const assessed = (match: NetworkPredicate, scene: Scene) =>
  scene.engine.networks.map((item) => ({ item, assessment: assess(tests(match, item, scene)) }));

export function checkNetwork(match: NetworkPredicate, scene: Scene): LeafResult {
  const wanted = networkWants(match);
  const best = nearest(assessed(match, scene));
  const near = best !== undefined && (best.assessment.miss === null || best.assessment.score > 0 || match.name === undefined);
  if (!near) return { finding: { predicate: 'network', ok: false, wanted, subject: null, miss: null }, identity: '' };
  return {
    finding: { predicate: 'network', ok: best.assessment.miss === null, wanted, subject: best.item.Name, miss: best.assessment.miss },
    identity: best.item.Id,
  };
}

export const countNetworks = (match: NetworkPredicate, scene: Scene): number =>
  assessed(match, scene).filter(({ assessment }) => assessment.miss === null).length;
