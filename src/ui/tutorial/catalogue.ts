import { loadTutorials } from '../../tutorial/index.ts';

const texts: Record<string, string> = import.meta.glob('/tutorials/**/*', { query: '?raw', import: 'default', eager: true });

/** The tutorials that come with the page, checked. */
export const tutorials = loadTutorials(texts);
