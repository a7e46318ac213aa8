import { goToHash, onHash, renameHash } from './address.ts';
import { cut } from './launch.ts';
import { hashOf, parsePlace, welcome, type Place } from './place.ts';

/** Where in the page one is, and the way to another place. */
export class Router {
  place: Place;

  /**
   * @param start where the page was opened
   * @param onLost the address names no place of the page; that is the front door then
   */
  constructor(start: Place, onLost: (hash: string) => void) {
    this.place = $state.raw(start);
    // A page that was opened at its front door keeps its bare address.
    if (start.kind !== 'welcome') renameHash(hashOf(start));
    onHash((hash) => {
      const place = parsePlace(hash);
      if (place === null) onLost(cut(hash));
      this.place = place ?? welcome;
    });
  }

  go(place: Place): void {
    goToHash(hashOf(place));
    this.place = place;
  }

  /** The place has another name. */
  rename(place: Place): void {
    renameHash(hashOf(place));
    this.place = place;
  }
}
