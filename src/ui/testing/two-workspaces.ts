/** Two hosts side by side, for tests: `/src/ui/testing/two-workspaces.html`. The first is what the page itself connects to, the second has no guest. */
import { mount } from 'svelte';
import '../shell/theme.css';
import { pageFolder } from '../address/address.ts';
import { Settings } from '../settings/settings.svelte.ts';
import { connect } from '../shell/connect.ts';
import { Workspace } from '../workspace/workspace.svelte.ts';
import { createFakePlayground } from './fake-playground.ts';
import SettledWorkspace from './SettledWorkspace.svelte';

const base = new URL('/', pageFolder()).href;
const settings = new Settings();
const app = document.querySelector('#app');
if (app === null) throw new Error('two-workspaces.html has no #app');
const second = { playground: createFakePlayground(), crashed: new Promise<never>(() => undefined) };
for (const [name, connection] of [
  ['first', connect()],
  ['second', second],
] as const) {
  const target = app.appendChild(document.createElement('section'));
  target.dataset.workspace = name;
  mount(SettledWorkspace, { target, props: { settings, workspace: new Workspace(connection, base) } });
}
