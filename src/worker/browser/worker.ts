/** The page's worker: a playground behind a bridge. */
import { loadPatterns } from '../../base/pattern.ts';
import { LocalPlayground } from '../playground.ts';
import { browserPlatform } from './platform.ts';
import { servePlayground } from './serve.ts';

/** Milliseconds after the boot, when nobody waits for the first prompt any more. */
const patternsAfter = 10_000;

const playground = new LocalPlayground(browserPlatform);
// To the page a guest that broke is what a worker that broke is: an `error` event of the worker.
playground.lifecycle.onBroken(reportError);
// Once loaded the page works without a network; who filters by name before this, waits for it.
playground.lifecycle.onStarted(() => void setTimeout(() => void loadPatterns().catch(() => undefined), patternsAfter));
servePlayground(playground);
