import { t } from '../i18n/messages.ts';
import { memoryMegabytes, type Failure } from './machine.svelte.ts';

export interface FailureText {
  readonly title: string;
  readonly what: string;
  readonly advice: string;
}

/** What happened and what to do, in the words of the catalogue. */
export function describeFailure({ reason, error }: Failure): FailureText {
  return { title: t(`failure.${reason}.title`), what: whatHappened({ reason, error }), advice: t(`failure.${reason}.do`) };
}

function whatHappened({ reason, error }: Failure): string {
  const url = String(error.detail.url ?? error.message);
  switch (reason) {
    case 'asset_missing': {
      const { status } = error.detail;
      if (status === undefined) return t('failure.asset_missing.unknown', { url });
      const why =
        Number(status) > 0 ? t('failure.asset_missing.status', { status: String(status) }) : t('failure.asset_missing.unreachable');
      return t('failure.asset_missing.what', { url, status: why });
    }
    case 'asset_damaged':
      return t('failure.asset_damaged.what', { url });
    case 'no_memory':
      return t('failure.no_memory.what', { megabytes: memoryMegabytes });
    case 'no_webassembly':
      return t('failure.no_webassembly.what');
    case 'guest':
    case 'worker':
      return t(`failure.${reason}.what`, { message: error.message });
  }
}

/** For an issue: what failed, where. */
export function failureReport({ reason, error }: Failure): string {
  return [
    `reason: ${reason}`,
    `message: ${error.message}`,
    `detail: ${JSON.stringify(error.detail)}`,
    `browser: ${navigator.userAgent}`,
    error.stack ?? '',
  ].join('\n');
}
