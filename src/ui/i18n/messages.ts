import { formatMessage, type MessageValues } from './format-message.ts';
import en from './en.json';

export type MessageKey = keyof typeof en;

/** The text of a key in the page's language, filled with values. */
export function t(key: MessageKey, values?: MessageValues): string {
  return formatMessage(en[key], values);
}

/** Bytes for people: `4.2 MB`, decimal units as browsers show downloads. */
export function formatBytes(bytes: number): string {
  return new Intl.NumberFormat('en', { style: 'unit', unit: 'megabyte', minimumFractionDigits: 1, maximumFractionDigits: 1 }).format(
    bytes / 1e6,
  );
}
