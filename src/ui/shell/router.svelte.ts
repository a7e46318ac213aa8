import { hashOf, parsePlace, type Place } from './place.ts';

/** The place that the address names, and the way to another. */
export class Router {
  place: Place = $state.raw(parsePlace(location.hash));

  constructor() {
    addEventListener('hashchange', () => {
      this.place = parsePlace(location.hash);
    });
  }

  go(place: Place): void {
    location.hash = hashOf(place);
    this.place = place;
  }
}
