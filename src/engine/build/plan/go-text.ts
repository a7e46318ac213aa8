/** Values as Go's fmt prints them: so they stand in the history of an image. */
import { formatDuration } from '../../../grammar/duration.ts';
import { goQuote, quoteRune } from '../../../grammar/go-quote.ts';
import type { Health } from '../../images/changes/draft.ts';

/** %v of a []string. */
export function goList(words: readonly string[]): string {
  return `[${words.join(' ')}]`;
}

/** %q of a []string. */
export function goQuotedList(words: readonly string[]): string {
  return goList(words.map((word) => goQuote(word)));
}

/** %q of BuildKit's pointer to a HealthcheckConfig: its number of retries is a letter. */
export function goHealthCheck({ Test, Interval, Timeout, StartPeriod, StartInterval, Retries }: Health): string {
  const times = [Interval, Timeout, StartPeriod, StartInterval].map((time) => goQuote(formatDuration(Number(time ?? 0))));
  const retries = Number(Retries ?? 0);
  return `&{${goQuotedList(Test ?? [])} ${times.join(' ')} ${quoteRune(retries > 0x10ffff ? 0xfffd : retries)}}`;
}
