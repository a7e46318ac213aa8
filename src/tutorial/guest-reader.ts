import type { GuestAnswer, GuestQuery } from '../protocol/playground.ts';
import type { FactSource } from './facts.ts';
import type { ProbeAnswer, ProbeRequest } from './probe.ts';

/** Reads of the guest during one evaluation. */
export interface GuestReader {
  read(query: GuestQuery): Promise<GuestAnswer>;
  probe(request: ProbeRequest): Promise<ProbeAnswer>;
}

/** Every query is asked once, every request made once; queries of one turn of the event loop go out together. */
export function createGuestReader(facts: Pick<FactSource, 'inspectGuest' | 'probe'>): GuestReader {
  const known = new Map<string, Promise<GuestAnswer>>();
  const probed = new Map<string, Promise<ProbeAnswer>>();
  let waiting: { readonly query: GuestQuery; readonly give: (answer: GuestAnswer) => void; readonly fail: (error: unknown) => void }[] = [];

  const flush = async (): Promise<void> => {
    const batch = waiting;
    waiting = [];
    try {
      const answers = await facts.inspectGuest(batch.map(({ query }) => query));
      batch.forEach(({ query, give }, index) =>
        give(answers[index] ?? { ok: false, op: query.op, kind: 'internal', message: 'no answer' }),
      );
    } catch (error) {
      for (const { fail } of batch) fail(error);
    }
  };

  return {
    read(query) {
      const key = JSON.stringify(query);
      const asked = known.get(key);
      if (asked !== undefined) return asked;
      const answer = new Promise<GuestAnswer>((give, fail) => {
        if (waiting.length === 0) queueMicrotask(() => void flush());
        waiting.push({ query, give, fail });
      });
      known.set(key, answer);
      return answer;
    },
    probe(request) {
      const key = JSON.stringify(request);
      const answer = probed.get(key) ?? facts.probe(request);
      probed.set(key, answer);
      return answer;
    },
  };
}
