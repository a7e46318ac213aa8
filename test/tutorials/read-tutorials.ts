import { readTutorialFiles } from '../../scripts/tutorials-plugin.ts';
import { loadTutorials, type LoadedTutorials } from '../../src/tutorial/load/index.ts';

/** The tutorials of this repository. */
export const readTutorials = (): LoadedTutorials => loadTutorials(readTutorialFiles());
