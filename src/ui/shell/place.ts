/** Where in the page somebody is. It stands in the fragment of the address, so that it can be linked to and gone back from. */
export type Place =
  | { readonly kind: 'welcome' }
  | { readonly kind: 'catalogue' }
  /** The terminal alone. */
  | { readonly kind: 'playground' }
  | { readonly kind: 'tutorial'; readonly id: string };

export const welcome: Place = { kind: 'welcome' };

const tutorialId = /^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/;

/** What is no place of the page is the front door. @param hash with or without its # */
export function parsePlace(hash: string): Place {
  const path = hash.replace(/^#?\/?/, '');
  if (path === 'tutorials') return { kind: 'catalogue' };
  if (path === 'playground') return { kind: 'playground' };
  const id = path.startsWith('tutorials/') ? path.slice('tutorials/'.length) : '';
  return tutorialId.test(id) ? { kind: 'tutorial', id } : welcome;
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
      return `#/tutorials/${place.id}`;
  }
}
