import { Emitter } from '../../base/events.ts';
import type { PageEvents } from '../../protocol/page-api.ts';

type Emitters = { readonly [E in keyof PageEvents]: Emitter<PageEvents[E]> };

/** Who listens to what of the page. A listener that throws stops no other. */
export class PageEventHub {
  readonly #emitters: Emitters = {
    event: new Emitter(),
    container: new Emitter(),
    image: new Emitter(),
    network: new Emitter(),
    volume: new Emitter(),
    daemon: new Emitter(),
    builder: new Emitter(),
    step: new Emitter(),
    terminal: new Emitter(),
    state: new Emitter(),
  };

  on<E extends keyof PageEvents>(event: E, listener: (value: PageEvents[E]) => void): () => void {
    const subscription = this.#emitters[event].event(listener);
    return () => subscription.dispose();
  }

  emit<E extends keyof PageEvents>(event: E, value: PageEvents[E]): void {
    this.#emitters[event].emit(value);
  }
}
