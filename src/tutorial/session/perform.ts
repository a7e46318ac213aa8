import { AppError, cancelled } from '../../base/errors.ts';
import { utf8 } from '../../base/bytes.ts';
import type { Directive, KeyName } from '../format/directive.ts';
import type { FactRef } from '../predicates/answer.ts';
import type { Predicate } from '../predicates/registry.ts';
import type { Clock } from '../clock.ts';
import type { GuestActions } from '../facts.ts';
import type { TutorialTerminal } from './terminal.ts';

/** What directives act on. */
export interface DirectiveContext {
  /** 1, 2 … */
  terminal(index: number): TutorialTerminal;
  readonly guest: Pick<GuestActions, 'writeFiles'>;
  readonly clock: Clock;
  /** Milliseconds between two keys; 0 writes each line whole. */
  readonly keyPause: number;
  /** Resolves when the predicate holds. */
  until(predicate: Predicate, signal: AbortSignal): Promise<void>;
  answer(text: string): Promise<unknown>;
  /** The text of a fact. @throws AppError `not_found` */
  fact(fact: FactRef): Promise<string>;
  /** Called before each directive. */
  onDirective?(directive: Directive, index: number): void;
}

const keys: Readonly<Record<KeyName, string>> = {
  Enter: '\r',
  Tab: '\t',
  Escape: '\x1b',
  'C-c': '\x03',
  'C-d': '\x04',
  'C-l': '\x0c',
  'C-p': '\x10',
  'C-q': '\x11',
  'C-z': '\x1a',
};

/** Carries the directives out one after the other. @throws AppError `cancelled` when the signal aborts */
export async function perform(directives: readonly Directive[], context: DirectiveContext, signal: AbortSignal): Promise<void> {
  for (const [index, directive] of directives.entries()) {
    if (signal.aborted) throw cancelled('the solution');
    context.onDirective?.(directive, index);
    await readCaption(directive, context, signal);
    await performOne(directive, context, signal);
  }
}

const longestCaption = 4000;

/** Time to read a caption: about as long as typing it would take. */
async function readCaption({ caption }: Directive, { keyPause, clock }: DirectiveContext, signal: AbortSignal): Promise<void> {
  if (caption !== undefined && keyPause > 0) await pause(Math.min(caption.length * keyPause, longestCaption), clock, signal);
}

async function performOne(directive: Directive, context: DirectiveContext, signal: AbortSignal): Promise<void> {
  // Who only answers or waits opens no terminal.
  const itsTerminal = (): TutorialTerminal => context.terminal(directive.terminal ?? 1);
  if ('run' in directive) {
    const terminal = itsTerminal();
    await typeKeys(`${directive.run}\r`, terminal, context, signal);
    await terminal.untilPrompt(signal);
  } else if ('type' in directive) await typeKeys(directive.type.replace(/\n/g, '\r'), itsTerminal(), context, signal);
  else if ('keys' in directive) {
    const terminal = itsTerminal();
    for (const key of directive.keys) await terminal.write(keys[key]);
    await terminal.untilPrompt(signal);
  } else if ('wait' in directive) await context.until(directive.wait, signal);
  else if ('edit' in directive)
    await context.guest.writeFiles([{ path: directive.edit.path, bytes: utf8(directive.edit.contents), mode: 0o644 }]);
  else await context.answer('fact' in directive.answer ? await context.fact(directive.answer.fact) : directive.answer.text);
}

async function typeKeys(
  text: string,
  terminal: TutorialTerminal,
  { keyPause, clock }: DirectiveContext,
  signal: AbortSignal,
): Promise<void> {
  if (keyPause === 0) return terminal.write(text);
  for (const key of text) {
    await terminal.write(key);
    await pause(keyPause, clock, signal);
  }
}

/** Waits on the clock. @throws AppError `cancelled` when the signal aborts */
export function pause(milliseconds: number, clock: Clock, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) {
      reject(cancelled('the pause'));
      return;
    }
    const timer = clock.after(milliseconds, () => {
      signal.removeEventListener('abort', stop);
      resolve();
    });
    const stop = (): void => {
      timer.dispose();
      reject(cancelled('the pause'));
    };
    signal.addEventListener('abort', stop, { once: true });
  });
}

/** The answer that a fact gives. */
export const noSuchFact = ({ container, image, network, field = 'fact', guest, shared, processes }: FactRef): AppError =>
  new AppError('not_found', `there is no ${field} of ${container ?? image ?? network ?? guest ?? shared ?? processes ?? 'the engine'}`);

/** What show me says of a directive without a caption of its own. */
export function captionOf(directive: Directive): string {
  if (directive.caption !== undefined) return directive.caption;
  if ('run' in directive) return directive.run;
  if ('type' in directive) return directive.type.trimEnd();
  if ('keys' in directive) return directive.keys.join(' ');
  return 'edit' in directive ? directive.edit.path : '';
}
