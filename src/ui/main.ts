import { mount } from 'svelte';
import { pageFolder, readAddress } from './address/address.ts';
import { parseLaunch } from './address/launch.ts';
import App from './shell/App.svelte';
import { AppState } from './shell/app-state.svelte.ts';
import { connect } from './shell/connect.ts';
import { installPageApi } from './shell/page-api.ts';

const target = document.querySelector('#app');
if (target === null) throw new Error('index.html has no #app');

// index.html says so when a file of the page is lost; without its style the page is of no use.
if (target.querySelector('[role="alert"]') === null) {
  const launch = parseLaunch(readAddress());
  const app = new AppState(connect(), pageFolder(), launch);
  installPageApi(app, launch.command);
  target.replaceChildren();
  mount(App, { target, props: { app } });
  // The whole of it falls out of a build.
  if (import.meta.env.MODE === 'development') void import('./dev/dev-tools.ts').then(({ addDevTools }) => addDevTools(app));
}
