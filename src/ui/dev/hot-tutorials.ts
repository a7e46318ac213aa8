import type { BrokenTutorial, Tutorial } from '../../tutorial/index.ts';
import type { AppState } from '../shell/app-state.svelte.ts';

/** What scripts/tutorials-plugin.ts sends when a file of `tutorials/` was saved. */
interface TutorialsEvent {
  readonly tutorials: readonly Tutorial[];
  readonly broken: readonly BrokenTutorial[];
}

/** While the page is developed: the open tutorial is shown as it was just saved, with the machine and the steps that were done. */
export function followEdits(app: AppState): void {
  import.meta.hot?.on('tutorials', ({ tutorials, broken }: TutorialsEvent) => {
    const open = app.tutorial?.tutorial.manifest.id;
    const edited = tutorials.find(({ manifest }) => manifest.id === open);
    const problems = broken.find(({ id }) => id === open)?.problems;
    if (edited !== undefined) app.replaceTutorial(edited);
    else if (problems !== undefined) app.workspace.terminals.tell(problems.join(' '));
  });
}
