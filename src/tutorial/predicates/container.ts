import { z } from 'zod';
import type { ContainerInspect } from '../../protocol/engine-api.ts';
import type { LogEntry } from '../../protocol/log.ts';
import { assess, nearest, type FieldTest } from '../check/candidates.ts';
import { containerFields, containerFieldShape, containerMaps, type ContainerField } from '../check/container-fields.ts';
import type { Miss, ObjectFinding, Want } from '../check/finding.ts';
import type { Operand, Reading } from '../check/match.ts';
import { definePredicate, type Countable, type Found } from '../check/predicate.ts';
import { containerName, findContainer, splitOperand, type Observation } from '../check/observation.ts';
import type { EngineSnapshot } from '../facts.ts';
import { asItem, describe, objectWords } from '../catalogue/en-fields.ts';
import { lazily } from '../format/lazily.ts';
import { held, matcher, matcherMap, type Matcher } from '../format/matcher.ts';
import { fileMatch, fileMiss, fileWants } from './file.ts';
import { kernelMatch, kernelWants } from '../check/kernel-facts.ts';
import { kernelMiss } from './kernel.ts';

export const schema = /* @__PURE__ */ lazily(() =>
  z
    .strictObject({
      ...containerFieldShape(),
      env: matcherMap().optional().describe('Environment variables by name.'),
      labels: matcherMap().optional().describe('Labels by name.'),
      ports: matcherMap().optional().describe('Published host port by container port, e.g. 80/tcp: 8080.'),
      mounts: z
        .record(z.string().startsWith('/'), matcher())
        .optional()
        .describe('Volume name or host path by mount point in the container.'),
      networks: matcherMap().optional().describe('Address by network name; { not: "" } for any.'),
      files: z.record(z.string().startsWith('/'), fileMatch()).optional().describe('Files of this very container by path.'),
      kernel: kernelMatch().optional().describe("Kernel facts of this very container's init."),
      for: held(),
    })
    .describe('A container exists whose fields all match.'),
);
export type ContainerPredicate = z.infer<ReturnType<typeof schema>>;

type Read = (container: ContainerInspect, engine: EngineSnapshot, log: readonly LogEntry[]) => Reading | undefined;
interface FieldWant extends Want {
  readonly read: Read;
}

const isField = (key: string): key is ContainerField => Object.hasOwn(containerFields, key);
const isMap = (key: string): key is keyof typeof containerMaps => Object.hasOwn(containerMaps, key);

/** The predicate's fields that the snapshot answers, `name` and `image` first. */
function fieldWants(match: ContainerPredicate): FieldWant[] {
  const wants: FieldWant[] = [];
  for (const [key, value] of Object.entries(match)) {
    if (isField(key)) addField(wants, key, match[key]);
    else if (isMap(key) && value !== undefined) addMap(wants, key, match[key] ?? {});
  }
  const order = ['name', 'image'];
  return wants.toSorted((a, b) => rank(order, a.field) - rank(order, b.field));
}

const rank = (order: readonly string[], field: string): number => (order.includes(field) ? order.indexOf(field) : order.length);

function addField(wants: FieldWant[], field: ContainerField, matcher: Matcher | undefined): void {
  if (matcher !== undefined) wants.push({ field, matcher, read: containerFields[field] });
}

function addMap(wants: FieldWant[], map: keyof typeof containerMaps, matchers: Readonly<Record<string, Matcher>>): void {
  for (const [key, matcher] of Object.entries(matchers))
    wants.push({ field: `${map}.${key}`, matcher, read: (container) => containerMaps[map](container)[key] });
}

/** "entry" is this container when the step was entered: the one of that name, else the one of that id. */
function operandOf(container: ContainerInspect, read: Read, observation: Observation): Operand {
  return (operand) => {
    const [kind, name] = splitOperand(operand);
    if (kind === 'entry') {
      const before = findContainer(observation.entry, containerName(container)) ?? findContainer(observation.entry, container.Id);
      return before === undefined ? undefined : read(before, observation.entry, observation.log);
    }
    const other = kind === 'container' ? findContainer(observation.engine, name) : undefined;
    return other === undefined ? undefined : read(other, observation.engine, observation.log);
  };
}

function wantsOf(match: ContainerPredicate): readonly Want[] {
  const inFiles = Object.entries(match.files ?? {}).flatMap(([path, file]) =>
    fileWants(file).map((want) => ({ ...want, field: `files.${path}.${want.field}` })),
  );
  const inKernel = kernelWants(match.kernel ?? {}).map((want) => ({ ...want, field: `kernel.${want.field}` }));
  return [...fieldWants(match).map(({ field, matcher }) => ({ field, matcher })), ...inFiles, ...inKernel];
}

/** What the snapshot alone cannot tell. */
async function deepMiss(match: ContainerPredicate, container: ContainerInspect, observation: Observation): Promise<Miss | null> {
  for (const [path, file] of Object.entries(match.files ?? {})) {
    const miss = await fileMiss(file, { kind: 'container', container: container.Id }, path, observation);
    if (miss !== null) return { ...miss, field: `files.${path}.${miss.field}` };
  }
  if (match.kernel === undefined) return null;
  const miss = await kernelMiss(match.kernel, container, observation);
  return miss === null ? null : { ...miss, field: `kernel.${miss.field}` };
}

interface Candidate {
  readonly item: ContainerInspect;
  readonly assessment: { readonly score: number; readonly miss: Miss | null };
}

async function candidates(match: ContainerPredicate, observation: Observation): Promise<Candidate[]> {
  const wants = fieldWants(match);
  const byAge = observation.engine.containers.toSorted((a, b) => a.Created.localeCompare(b.Created));
  return Promise.all(
    byAge.map(async (item) => {
      const tests = wants.map((want): FieldTest => ({
        ...want,
        reading: want.read(item, observation.engine, observation.log),
        operand: operandOf(item, want.read, observation),
      }));
      const { score, miss } = assess(tests);
      return { item, assessment: { score, miss: miss ?? (await deepMiss(match, item, observation)) } };
    }),
  );
}

async function find(match: ContainerPredicate, observation: Observation): Promise<Found<ObjectFinding>> {
  const wanted = wantsOf(match);
  const best = nearest(await candidates(match, observation));
  if (best === undefined || (best.assessment.miss !== null && !isNear(match, best.assessment.score))) {
    return { finding: { ok: false, wanted, subject: null, miss: null }, identity: '' };
  }
  const { item, assessment } = best;
  return {
    finding: { ok: assessment.miss === null, wanted, subject: containerName(item), miss: assessment.miss },
    identity: `${item.Id} ${item.State.StartedAt}`,
  };
}

/** A candidate is worth a sentence when it shares the name or the image, if either was asked for. */
const isNear = ({ name, image, id }: ContainerPredicate, score: number): boolean =>
  score > 0 || (name === undefined && image === undefined && id === undefined);

const isDeep = ({ files, kernel }: ContainerPredicate): boolean => files !== undefined || kernel !== undefined;

export const predicate = definePredicate({
  timing: 'level',
  find,
  words: { en: asItem((finding: ObjectFinding) => objectWords('container', finding)) },
  heldFor: (match) => match.for,
  polled: isDeep,
});

export const countable: Countable<ContainerPredicate> & { readonly polled: (match: ContainerPredicate) => boolean } = {
  count: async (match, observation) => (await candidates(match, observation)).filter(({ assessment }) => assessment.miss === null).length,
  phrase: { en: (match, many) => describe('container', wantsOf(match), { plural: many, article: false }) },
  polled: isDeep,
};
