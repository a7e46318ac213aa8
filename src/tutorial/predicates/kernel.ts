import { z } from 'zod';
import type { ContainerInspect } from '../../protocol/engine-api.ts';
import type { Miss, Want } from '../check/finding.ts';
import { assessProcess, initOf, kernelShape, kernelWants, type KernelMatch } from '../check/kernel-facts.ts';
import { definePredicate, type Found } from '../check/predicate.ts';
import { findContainer, type Observation } from '../check/observation.ts';
import type { Words } from '../catalogue/catalogue.ts';
import { actualOf, attributes, missClause, placeName } from '../catalogue/en-fields.ts';
import { lazily } from '../format/lazily.ts';
import { held } from '../format/matcher.ts';

export const schema = /* @__PURE__ */ lazily(() =>
  z
    .strictObject({
      of: z
        .string()
        .regex(/^container:.+$/, '"container:NAME"')
        .describe('Whose init process is looked at.'),
      like: z
        .string()
        .min(1)
        .optional()
        .describe('Id of an earlier step: all that its check asks of a process is asked of this container, beside what else stands here.'),
      ...kernelShape(),
      for: held(),
    })
    .describe("The kernel says this of a container's init."),
);
export type KernelPredicate = z.infer<ReturnType<typeof schema>>;

/** `miss` is null and `ok` false when the container is not there: `absent`. */
interface Finding {
  readonly ok: boolean;
  /** "container:NAME". */
  readonly where: string;
  readonly wanted: readonly Want[];
  readonly miss: Miss | null;
  readonly absent: boolean;
}

/** Null when the kernel says so of the container's init. A container that does not run has no init, and nothing holds of it. */
export async function kernelMiss(match: KernelMatch, container: ContainerInspect, observation: Observation): Promise<Miss | null> {
  const { miss } = await assessProcess(match, container.State.Running ? initOf(container, observation) : null, observation);
  return miss;
}

/** `like` is put in when the tutorial is loaded (load/same-question.ts). */
async function find({ of: where, for: _for, like: _like, ...match }: KernelPredicate, observation: Observation): Promise<Found<Finding>> {
  const container = findContainer(observation.engine, where.slice('container:'.length));
  const miss = container === undefined ? null : await kernelMiss(match, container, observation);
  const ok = container !== undefined && miss === null;
  return {
    finding: { ok, where, wanted: kernelWants(match), miss, absent: container === undefined },
    identity: container === undefined ? '' : `${container.Id} ${container.State.StartedAt}`,
  };
}

function words({ ok, where, wanted, miss, absent }: Finding): Words {
  const name = placeName(where);
  const expected = `${name} ${attributes(wanted)}`;
  if (ok) return { expected, actual: expected, sentence: `The kernel has ${expected}.` };
  if (absent || miss === null)
    return { expected, actual: `no ${name}`, sentence: `There is no container ${name} that the kernel could be asked about.` };
  return { expected, actual: actualOf(miss), sentence: `The kernel says of ${name}: ${missClause(miss)}.` };
}

export const predicate = definePredicate({
  timing: 'level',
  find,
  words: { en: words },
  heldFor: (match) => match.for,
  polled: () => true,
});
