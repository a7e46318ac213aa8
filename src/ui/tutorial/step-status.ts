import type { StepView, TutorialState } from '../../tutorial/index.ts';
import { t } from '../i18n/messages.ts';

interface Standing {
  readonly view: Pick<TutorialState, 'current' | 'showing' | 'preparing'>;
  /** The one that is read. */
  readonly step: Pick<StepView, 'id' | 'state' | 'waitsFor'> | null;
  /** What failed in it; empty for nothing. */
  readonly problem: string;
  readonly ready: boolean;
  readonly stopped: boolean;
}

const list = new Intl.ListFormat('en', { type: 'conjunction' });
const sayings = { passed: 'tutorial.passed', done: 'tutorial.done', shown: 'tutorial.shown', ready: 'tutorial.open' } as const;

/** The sentence under a step: of the step in view, whatever another one is doing. */
export function statusOf({ view, step, problem, ready, stopped }: Standing): string {
  const { current, showing } = view;
  if (problem !== '') return problem;
  const isCurrent = step !== null && step.id === current?.id;
  if (isCurrent && showing !== null) return showing.caption === '' ? t('tutorial.showMe.waiting') : showing.caption;
  if (!ready) return t(stopped ? 'tutorial.stopped' : 'tutorial.waiting');
  if (step === null) return '';
  if (view.preparing === step.id) return t('tutorial.preparing');
  if (step.state === 'locked') return lockedUntil(step.waitsFor);
  if (step.state !== 'active') return t(sayings[step.state]);
  if (!isCurrent || current === null) return '';
  if (current.problem !== null) return current.problem;
  if (current.failure !== null) return t('tutorial.fault', { message: current.failure });
  return current.sentence ?? t('tutorial.checking');
}

/** @param titles of the steps that a locked one waits for */
export const lockedUntil = (titles: readonly string[]): string =>
  t('tutorial.locked', { titles: list.format(titles.map((title) => `“${title}”`)) });
