import { z } from 'zod';
import type { Network } from '../../protocol/engine-api.ts';
import { assess, nearest, type FieldTest } from '../check/candidates.ts';
import { boolean, list, text } from '../check/container-fields.ts';
import type { ObjectFinding, Want } from '../check/finding.ts';
import { definePredicate, type Countable, type Found } from '../check/predicate.ts';
import type { Reading } from '../check/match.ts';
import { splitOperand, type Observation } from '../check/observation.ts';
import { asItem, describe, objectWords } from '../catalogue/en-fields.ts';
import { lazily } from '../format/lazily.ts';
import { matcher } from '../format/matcher.ts';

export const schema = /* @__PURE__ */ lazily(() =>
  z
    .strictObject({
      name: matcher().optional().describe('Name.'),
      driver: matcher().optional().describe('Driver, e.g. bridge.'),
      internal: matcher().optional().describe('Whether it has no way outside.'),
      subnet: matcher().optional().describe('Its first subnet, e.g. 172.18.0.0/16.'),
      gateway: matcher().optional().describe('Gateway of that subnet.'),
      containers: matcher().optional().describe('Names of connected containers as a list: { contains: web }.'),
    })
    .describe('A network exists whose fields all match.'),
);
export type NetworkPredicate = z.infer<ReturnType<typeof schema>>;

type Field = keyof NetworkPredicate;

export const networkFields: Readonly<Record<Field, (network: Network) => Reading>> = {
  name: ({ Name }) => text(Name),
  driver: ({ Driver }) => text(Driver),
  internal: ({ Internal }) => boolean(Internal),
  subnet: ({ IPAM }) => text(IPAM.Config?.[0]?.Subnet ?? ''),
  gateway: ({ IPAM }) => text(IPAM.Config?.[0]?.Gateway ?? ''),
  containers: ({ Containers }) => list(Object.values(Containers).map(({ Name }) => Name)),
};

const isField = (key: string): key is Field => Object.hasOwn(networkFields, key);

function tests(match: NetworkPredicate, network: Network, observation: Observation): FieldTest[] {
  return wants(match).map(({ field, matcher }) => ({
    field,
    matcher,
    reading: isField(field) ? networkFields[field](network) : undefined,
    operand: (operand) => {
      const [kind, name] = splitOperand(operand);
      const engine = kind === 'entry' ? observation.entry : observation.engine;
      const other = engine.networks.find(({ Name }) => Name === (kind === 'entry' ? network.Name : name));
      return other === undefined || !isField(field) ? undefined : networkFields[field](other);
    },
  }));
}

const wants = (match: NetworkPredicate): readonly Want[] =>
  Object.keys(match)
    .filter(isField)
    .flatMap((field) => (match[field] === undefined ? [] : [{ field, matcher: match[field] }]));

const assessed = (match: NetworkPredicate, observation: Observation) =>
  observation.engine.networks.map((item) => ({ item, assessment: assess(tests(match, item, observation)) }));

function find(match: NetworkPredicate, observation: Observation): Found<ObjectFinding> {
  const wanted = wants(match);
  const best = nearest(assessed(match, observation));
  const near = best !== undefined && (best.assessment.miss === null || best.assessment.score > 0 || match.name === undefined);
  if (!near) return { finding: { ok: false, wanted, subject: null, miss: null }, identity: '' };
  return {
    finding: { ok: best.assessment.miss === null, wanted, subject: best.item.Name, miss: best.assessment.miss },
    identity: best.item.Id,
  };
}

export const predicate = definePredicate({
  timing: 'level',
  find,
  words: { en: asItem((finding: ObjectFinding) => objectWords('network', finding)) },
});

export const countable: Countable<NetworkPredicate> = {
  count: (match, observation) => assessed(match, observation).filter(({ assessment }) => assessment.miss === null).length,
  phrase: { en: (match, many) => describe('network', wants(match), { plural: many, article: false }) },
};
