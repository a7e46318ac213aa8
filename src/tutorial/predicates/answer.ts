import { z } from 'zod';
import type { LogEntry } from '../../protocol/log.ts';
import { containerFields, containerMaps, list, number, text } from '../check/container-fields.ts';
import { equal, readingText, type Reading } from '../check/match.ts';
import { definePredicate, type Found } from '../check/predicate.ts';
import { findContainer, type Observation } from '../check/observation.ts';
import type { Words } from '../catalogue/catalogue.ts';
import { asItem, nounOf } from '../catalogue/en-fields.ts';
import type { EngineSnapshot } from '../facts.ts';
import type { GuestReader } from '../guest-reader.ts';
import { lazily } from '../format/lazily.ts';
import { findImage } from '../references.ts';
import { imageFields } from './image.ts';
import { networkFields } from './network.ts';
import { processesOf } from './processes.ts';

/** A fact that an answer is compared with. */
export const fact = /* @__PURE__ */ lazily(() =>
  z
    .strictObject({
      container: z.string().min(1).optional().describe('Name of a container.'),
      image: z.string().min(1).optional().describe('Reference of an image.'),
      network: z.string().min(1).optional().describe('Name of a network.'),
      field: z
        .string()
        .min(1)
        .optional()
        .describe('Its field, as in the predicate of that name; of a map with the key behind a dot: ports.80/tcp.'),
      number: z.enum(['containers', 'images']).optional().describe('How many of them the engine has, running or not.'),
      guest: z.string().startsWith('/').optional().describe('The text of a file of the Docker host, such as /proc/sys/kernel/osrelease.'),
      shared: z
        .string()
        .min(1)
        .optional()
        .describe('Name of a container: the types of name spaces that its init has in common with the host, in any order.'),
      processes: z.string().min(1).optional().describe('Name of a running container: how many processes live in it.'),
    })
    .refine(
      ({ container, image, network, number, guest, shared, processes }) =>
        [container, image, network, number, guest, shared, processes].filter((of) => of !== undefined).length === 1,
      'a fact is one of container, image, network, number, guest, shared, processes',
    )
    .refine(
      ({ container, image, network, field }) =>
        (field === undefined) === (container === undefined && image === undefined && network === undefined),
      'a fact of a container, an image or a network is one of its fields',
    )
    .meta({ id: 'fact' }),
);
export type FactRef = z.infer<ReturnType<typeof fact>>;

export const schema = /* @__PURE__ */ lazily(() =>
  z
    .strictObject({
      equals: fact().optional().describe('The answer is this fact.'),
      'prefix-of': fact().optional().describe('The answer is a prefix of this fact.'),
      'at-least': z.number().int().min(1).optional().describe('Least number of characters of a prefix; 4 unless given.'),
    })
    .refine(
      (answer) => (answer.equals === undefined) !== (answer['prefix-of'] === undefined),
      'an answer is compared by equals or by prefix-of',
    )
    .refine((answer) => answer['at-least'] === undefined || answer['prefix-of'] !== undefined, 'at-least belongs to prefix-of')
    .describe('What the learner answered is true.'),
);
export type AnswerPredicate = z.infer<ReturnType<typeof schema>>;

interface Finding {
  readonly ok: boolean;
  readonly fact: FactRef;
  readonly relation: 'equals' | 'prefix-of';
  readonly atLeast: number;
  readonly given: string | null;
  /** Why it is not ok. */
  readonly why: 'nothing-given' | 'too-short' | 'wrong' | 'no-such-fact' | null;
}

const isKey = <T extends object>(table: T, key: PropertyKey): key is keyof T => Object.hasOwn(table, key);

/** What facts are read from. */
type FactScene = Pick<Observation, 'engine' | 'guest'> & { readonly log: readonly LogEntry[] };

/** The fact that an answer is compared with, or that show me answers with; undefined when there is no such object or field. */
export async function readFact(ref: FactRef, { engine, log, guest }: FactScene): Promise<Reading | undefined> {
  const { container, image, network, field = '', number: counted, guest: path, shared, processes } = ref;
  if (counted !== undefined) return number(engine[counted].length);
  if (path !== undefined) {
    const answer = await guest.read({ target: { kind: 'guest' }, op: 'read', path });
    return answer.ok && answer.op === 'read' ? text(answer.text.trim()) : undefined;
  }
  if (shared !== undefined) return sharedNamespaces(shared, engine, guest);
  if (processes !== undefined) {
    const living = await processesOf(findContainer(engine, processes), guest);
    return living === null ? undefined : number(living.names.length);
  }
  const foundContainer = container === undefined ? undefined : findContainer(engine, container);
  if (foundContainer !== undefined) {
    const [map, key] = mapField(field);
    if (isKey(containerMaps, map)) return containerMaps[map](foundContainer)[key];
    return isKey(containerFields, field) ? containerFields[field](foundContainer, engine, log) : undefined;
  }
  const foundNetwork = network === undefined ? undefined : engine.networks.find(({ Name }) => Name === network);
  if (foundNetwork !== undefined) return isKey(networkFields, field) ? networkFields[field](foundNetwork) : undefined;
  const foundImage = image === undefined ? undefined : findImage(engine.images, image);
  return foundImage !== undefined && isKey(imageFields, field) ? imageFields[field](foundImage, engine) : undefined;
}

/** Types of name spaces, namespaces(7), as /proc/PID/ns calls them. */
const namespaceTypes = ['cgroup', 'ipc', 'mnt', 'net', 'pid', 'time', 'user', 'uts'] as const;

async function sharedNamespaces(name: string, engine: EngineSnapshot, guest: GuestReader): Promise<Reading | undefined> {
  const container = findContainer(engine, name);
  if (container?.State.Running !== true) return undefined;
  const linkOf = async (pid: number, type: string): Promise<string | null> => {
    const answer = await guest.read({ target: { kind: 'guest' }, op: 'readlink', path: `/proc/${pid}/ns/${type}` });
    return answer.ok && answer.op === 'readlink' ? answer.target : null;
  };
  const types = await Promise.all(
    namespaceTypes.map(async (type) => {
      const [own, hosts] = await Promise.all([linkOf(container.State.Pid, type), linkOf(1, type)]);
      return own !== null && own === hosts ? [type] : [];
    }),
  );
  return list(types.flat());
}

/** Whether a fact names a field that exists. */
export function isFactField({ container, network, field }: FactRef): boolean {
  if (field === undefined) return true;
  if (network !== undefined) return isKey(networkFields, field);
  return container === undefined ? isKey(imageFields, field) : isKey(containerFields, field) || isKey(containerMaps, mapField(field)[0]);
}

/** `ports.80/tcp` is the key `80/tcp` of the map `ports`. */
function mapField(field: string): readonly [map: string, key: string] {
  const dot = field.indexOf('.');
  return dot < 0 ? ['', ''] : [field.slice(0, dot), field.slice(dot + 1)];
}

async function find(match: AnswerPredicate, observation: Observation): Promise<Found<Finding>> {
  const relation = match.equals === undefined ? 'prefix-of' : 'equals';
  const asked = match.equals ?? match['prefix-of'];
  const atLeast = match['at-least'] ?? 4;
  const why = asked === undefined ? 'no-such-fact' : await problem(asked, relation, atLeast, observation);
  const finding: Finding = {
    ok: why === null,
    fact: asked ?? {},
    relation,
    atLeast,
    given: observation.answer,
    why,
  };
  return { finding, identity: observation.answer ?? '' };
}

async function problem(fact: FactRef, relation: Finding['relation'], atLeast: number, observation: Observation): Promise<Finding['why']> {
  const given = observation.answer;
  if (given === null || given === '') return 'nothing-given';
  const reading = await readFact(fact, observation);
  if (reading === undefined) return 'no-such-fact';
  if (relation === 'equals')
    return (reading.kind === 'list' ? sameWords(reading.value, given) : equal(reading, given.trim())) ? null : 'wrong';
  if (withoutAlgorithm(given).length < atLeast) return 'too-short';
  return withoutAlgorithm(readingText(reading)).startsWith(withoutAlgorithm(given)) ? null : 'wrong';
}

/** In whatever order, and with blanks or commas between them. */
function sameWords(wanted: readonly string[], given: string): boolean {
  const words = given
    .toLowerCase()
    .split(/[\s,]+/)
    .filter((word) => word !== '' && word !== 'and');
  return words.toSorted().join(' ') === wanted.toSorted().join(' ');
}

/** `docker images` shows ids without their `sha256:`. */
const withoutAlgorithm = (id: string): string => id.replace(/^sha256:/, '').toLowerCase();

/** What has the fact, and what the fact is called. */
function factWords({ container, image, network, field = '', number: counted, guest, shared, processes }: FactRef): {
  readonly of: string;
  readonly what: string;
} {
  if (counted !== undefined) return { of: counted, what: `the number of ${counted}` };
  if (guest !== undefined) return { of: guest, what: `what ${guest} says` };
  if (shared !== undefined) return { of: `${shared} that runs`, what: `what ${shared} has in common with the host` };
  if (processes !== undefined) return { of: `${processes} that runs`, what: `the number of processes of ${processes}` };
  const of = container ?? image ?? network ?? '';
  return { of, what: `the ${nounOf(field)} of ${of}` };
}

function words({ ok, fact, relation, atLeast, given, why }: Finding): Words {
  const { of, what } = factWords(fact);
  const wanted = relation === 'equals' ? what : `the beginning of ${what}`;
  const expected = `the answer is ${wanted}`;
  const actual = given ?? 'no answer';
  if (ok) return { expected, actual, sentence: `${actual} is right.` };
  const sentences = {
    'nothing-given': 'The question is not answered yet.',
    'too-short': `That is too short to be sure: at least ${atLeast} characters are needed.`,
    wrong: `${actual} is not ${wanted}.`,
    'no-such-fact': `There is no ${of} that the answer could be compared with.`,
  } as const;
  return { expected, actual, sentence: sentences[why ?? 'wrong'] };
}

export const predicate = definePredicate({ timing: 'edge', find, words: { en: asItem(words) } });
