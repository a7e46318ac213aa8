import { z } from 'zod';
import type { Miss, Want } from '../check/finding.ts';
import { assessProcess, cgroupOf, kernelShape, kernelWants, processOf, readText, type Process } from '../check/kernel-facts.ts';
import { definePredicate, type Found } from '../check/predicate.ts';
import type { Observation } from '../check/observation.ts';
import type { Words } from '../catalogue/catalogue.ts';
import { actualOf, attributes, missClause } from '../catalogue/en-fields.ts';
import { lazily } from '../format/lazily.ts';
import { held } from '../format/matcher.ts';

export const schema = /* @__PURE__ */ lazily(() =>
  z
    .strictObject({
      tty: z.boolean().optional().describe('Whether it has a terminal; either unless given.'),
      ...kernelShape(),
      for: held(),
    })
    .describe(
      'The kernel says this of some process of the host that no container of the engine has: one that the learner started by hand.',
    ),
);
export type ProcessPredicate = z.infer<ReturnType<typeof schema>>;

interface Finding {
  readonly ok: boolean;
  readonly tty: boolean | undefined;
  readonly wanted: readonly Want[];
  /** Of the process that is as wanted, or comes nearest; null where there is none to look at. */
  readonly name: string | null;
  readonly miss: Miss | null;
}

interface Candidate {
  readonly process: Process;
  readonly pid: number;
  readonly name: string;
  readonly tty: boolean;
  /** When it was started, in ticks since boot: a process id may be given twice. */
  readonly started: string;
}

/** Processes of the host, without the kernel's own threads, the agent and what runs in containers of the engine. */
async function candidates(observation: Observation): Promise<readonly Candidate[]> {
  const listed = await observation.guest.read({ target: { kind: 'guest' }, op: 'list', path: '/proc' });
  const pids = listed.ok && listed.op === 'list' ? listed.names.filter((name) => /^[1-9]\d*$/.test(name) && name !== '1') : [];
  const found = await Promise.all(
    pids.map(async (pid): Promise<Candidate[]> => {
      const host = { target: { kind: 'guest' }, proc: `/proc/${pid}`, observation } as const;
      const [stat, cgroup] = await Promise.all([readText(host, 'stat'), cgroupOf(host)]);
      const candidate = stat === undefined ? null : parseStat(Number(pid), stat, observation);
      return candidate === null || cgroup === undefined || /^\/docker\//.test(cgroup) ? [] : [candidate];
    }),
  );
  return found.flat();
}

/** /proc/PID/stat (proc_pid_stat(5)): pid (name) state ppid pgrp session tty_nr …, the name with anything in it. */
function parseStat(pid: number, stat: string, observation: Observation): Candidate | null {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [parent, tty, started] = [fields[1], fields[4], fields[19]];
  const kthreadd = 2;
  if (parent === undefined || tty === undefined || started === undefined) return null;
  if (pid === kthreadd || Number(parent) === kthreadd) return null;
  const name = stat.slice(stat.indexOf('(') + 1, stat.lastIndexOf(')'));
  return { process: processOf(pid, observation), pid, name, tty: tty !== '0', started };
}

async function find({ tty, for: _for, ...match }: ProcessPredicate, observation: Observation): Promise<Found<Finding>> {
  const suitable = (await candidates(observation)).filter((candidate) => tty === undefined || candidate.tty === tty);
  const assessed = await Promise.all(
    suitable.map(async (candidate) => ({ candidate, ...(await assessProcess(match, candidate.process, observation)) })),
  );
  // Of those that come as near the youngest: most likely it is what the learner has just started.
  const best = assessed.toSorted((a, b) => b.held - a.held || b.candidate.pid - a.candidate.pid)[0];
  return {
    finding: { ok: best?.miss === null, tty, wanted: kernelWants(match), name: best?.candidate.name ?? null, miss: best?.miss ?? null },
    identity: best === undefined ? '' : `${best.candidate.pid} ${best.candidate.started}`,
  };
}

function words({ ok, tty, wanted, name, miss }: Finding): Words {
  const kind = tty === undefined ? 'a process' : `a process with${tty ? '' : 'out'} a terminal`;
  const rest = attributes(wanted);
  const expected = `${kind} of your own${rest === '' ? '' : `, ${rest}`}`;
  if (ok) return { expected, actual: name ?? '', sentence: `There is ${expected}.` };
  if (name === null || miss === null)
    return { expected, actual: 'no process', sentence: `There is no${kind.slice(1)} outside of the containers.` };
  return { expected, actual: actualOf(miss), sentence: `Your ${name} comes nearest, but ${missClause(miss)}.` };
}

export const predicate = definePredicate({
  timing: 'level',
  find,
  words: { en: words },
  heldFor: (match) => match.for,
  polled: () => true,
});
