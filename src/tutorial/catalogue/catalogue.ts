import type {
  AnswerFinding,
  CountFinding,
  EventFinding,
  ExecFinding,
  Finding,
  ObjectFinding,
  PlaceFinding,
  RequestFinding,
} from '../check/finding.ts';

/** What a leaf says in one language. `sentence` is a whole sentence for the learner; it never names the command. */
export interface Words {
  readonly expected: string;
  readonly actual: string;
  readonly sentence: string;
}

/** The messages of one language, keyed by predicate. */
export interface Catalogue {
  container(finding: ObjectFinding): Words;
  image(finding: ObjectFinding): Words;
  network(finding: ObjectFinding): Words;
  file(finding: PlaceFinding): Words;
  kernel(finding: PlaceFinding): Words;
  event(finding: EventFinding): Words;
  request(finding: RequestFinding): Words;
  exec(finding: ExecFinding): Words;
  answer(finding: AnswerFinding): Words;
  count(finding: CountFinding): Words;
  /** Holds already and must go on holding. @param left milliseconds */
  held(words: Words, left: number): Words;
  /** What must not be so. @param ok whether it indeed is not so */
  not(words: Words, ok: boolean): Words;
  /** What a step builds on is not there. @param sentence what is missing @param needed titles of the steps that make it */
  lacking(sentence: string, needed: readonly string[]): string;
  /** Show me typed all of the solution, and the check does not hold. @param sentence what is missing */
  unproven(sentence: string): string;
  /** What show me left behind is all that there is. */
  leftover(): string;
}

export function wordsOf(catalogue: Catalogue, finding: Finding): Words {
  switch (finding.predicate) {
    case 'container':
    case 'image':
    case 'network':
      return catalogue[finding.predicate](finding);
    case 'file':
    case 'kernel':
      return catalogue[finding.predicate](finding);
    case 'event':
      return catalogue.event(finding);
    case 'request':
      return catalogue.request(finding);
    case 'exec':
      return catalogue.exec(finding);
    case 'answer':
      return catalogue.answer(finding);
    case 'count':
      return catalogue.count(finding);
  }
}
