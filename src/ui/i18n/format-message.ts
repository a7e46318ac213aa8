/** Values of a message's placeholders. */
export type MessageValues = Readonly<Record<string, string | number>>;

/**
 * Fills a message: `{name}` is replaced, `{name, plural, one {# step} other {# steps}}` chooses by the locale's plural rules (the part of ICU MessageFormat
 * that our catalogues use). A placeholder without a value stays as it is, so that a test can find it.
 */
export function formatMessage(message: string, values: MessageValues = {}, locale = 'en'): string {
  const plural = /\{(\w+), plural, ((?:[a-z=0-9]+ \{[^{}]*\}\s*)+)\}/g;
  const chosen = message.replace(plural, (whole, name: string, forms: string) => {
    const count = values[name];
    return typeof count === 'number' ? choosePlural(forms, count, locale) : whole;
  });
  return chosen.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}

function choosePlural(forms: string, count: number, locale: string): string {
  const texts = new Map([...forms.matchAll(/(?:^|\s)([a-z=0-9]+) \{([^{}]*)\}/g)].map(([, key = '', text = '']) => [key, text]));
  const text = texts.get(`=${count}`) ?? texts.get(new Intl.PluralRules(locale).select(count)) ?? texts.get('other') ?? '';
  return text.replaceAll('#', String(count));
}
