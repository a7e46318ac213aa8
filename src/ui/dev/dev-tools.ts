import { mount } from 'svelte';
import type { AppState } from '../shell/app-state.svelte.ts';
import CheckInspector from './CheckInspector.svelte';
import { followEdits } from './hot-tutorials.ts';

/** What only `npm run dev` has. */
export function addDevTools(app: AppState): void {
  followEdits(app);
  mount(CheckInspector, { target: document.body, props: { app } });
}
