/** The page's address: the only file that reads or changes it (eslint.config.js holds that). */
import type { AddressParts } from './launch.ts';

export const readAddress = (): AddressParts => ({ search: location.search, hash: location.hash });

/** Of the folder that the page lies in, with a slash at its end; what belongs to the page lies beside it. */
export const pageFolder = (): string => new URL('.', document.baseURI).href;

/** Somebody went there: the way back leads here. */
export function goToHash(hash: string): void {
  location.hash = hash;
}

/** The same place, called by its proper name: the way back does not change. */
export function renameHash(hash: string): void {
  history.replaceState(history.state, '', hash);
}

/** Also where `goToHash` leads. */
export function onHash(listener: (hash: string) => void): void {
  addEventListener('hashchange', () => listener(location.hash));
}

export function reloadPage(): void {
  location.reload();
}
