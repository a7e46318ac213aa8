import { t } from '../i18n/messages.ts';

/** What a file is to a person; its name when we do not know it. */
export function assetLabel(file: string): string {
  const name = file.split('/').at(-1) ?? file;
  if (name.startsWith('state-')) return t('boot.label.state');
  if (name.endsWith('.wasm')) return t('boot.label.wasm');
  if (name.startsWith('disk')) return t('boot.label.disk');
  if (name === 'index.json' || name === 'manifest.json') return t('boot.label.index');
  return t('boot.label.other', { file: name });
}
