/** Where in the page somebody is. It stands in the fragment of the address, so that it can be linked to and gone back from. */
export type Place =
  | { readonly kind: 'welcome' }
  | { readonly kind: 'catalogue' }
  /** The terminal alone. */
  | { readonly kind: 'playground' }
  /** At a step of it when one is named, else where its learner is. */
  | { readonly kind: 'tutorial'; readonly id: string; readonly step?: string };

export const welcome: Place = { kind: 'welcome' };

const name = /^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/;

/** Whether it could be what a tutorial or a step is called. */
export const isName = (text: string): boolean => name.test(text);

/** Null for what is no place of the page. @param hash with or without its # */
export function parsePlace(hash: string): Place | null {
  const path = hash.replace(/^#?\/?/, '');
  if (path === '') return welcome;
  const [root, ...names] = path.split('/');
  if (root === 'playground' && names.length === 0) return { kind: 'playground' };
  if (root !== 'tutorials') return null;
  const [id, step] = names;
  if (id === undefined) return { kind: 'catalogue' };
  if (names.length > 2 || !names.every(isName)) return null;
  return step === undefined ? { kind: 'tutorial', id } : { kind: 'tutorial', id, step };
}

/** With its #. */
export function hashOf(place: Place): string {
  switch (place.kind) {
    case 'welcome':
      return '#/';
    case 'catalogue':
      return '#/tutorials';
    case 'playground':
      return '#/playground';
    case 'tutorial':
      return place.step === undefined ? `#/tutorials/${place.id}` : `#/tutorials/${place.id}/${place.step}`;
  }
}
