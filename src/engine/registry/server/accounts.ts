import { hmac } from '@noble/hashes/hmac.js';
import { scrypt } from '@noble/hashes/scrypt.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { toHex, utf8 } from '../../../base/bytes.ts';
import { nextTurn } from '../../../base/pace.ts';
import type { Random } from '../../random.ts';
import { RegistryError } from './errors.ts';

export interface Credentials {
  readonly username: string;
  readonly password: string;
}

/** An account as it is kept: of the password a salted hash alone (scrypt, RFC 7914). Salt and hash in hexadecimal digits. */
export interface Account {
  readonly name: string;
  readonly salt: string;
  readonly hash: string;
}

const shortestPassword = 8;
const longestPassword = 256;
const mostAccounts = 100;
/** Some 20 ms and 4 MiB for each try: at most that long one tab's only thread does nothing else. */
const cost = { N: 4096, r: 8, p: 1, dkLen: 32 };
/** Tries that wait for their turn. */
const mostWaiting = 32;

/** Whoever may sign in to a host. */
export class Accounts {
  readonly #accounts = new Map<string, Account>();
  readonly #random: Random;
  #key: Uint8Array | null = null;
  /** Of passwords that were right before, under a key that nobody keeps: a push has many requests. By account. */
  readonly #seen = new Map<string, string>();
  #hashing: Promise<unknown> = Promise.resolve();
  #waiting = 0;

  constructor(random: Random) {
    this.#random = random;
  }

  all(): readonly Account[] {
    return [...this.#accounts.values()];
  }

  replace(accounts: readonly Account[]): void {
    this.#accounts.clear();
    this.#seen.clear();
    for (const account of accounts) this.#accounts.set(account.name, account);
  }

  /** Who signs in under a name that is nobody's makes the account. @returns its name @throws RegistryError UNAUTHORIZED, TOOMANYREQUESTS */
  async signIn({ username, password }: Credentials): Promise<string> {
    const name = checkUsername(username);
    if (!this.#accounts.has(name)) await this.#make(name, password);
    return this.check({ username, password });
  }

  /** @returns the account's name @throws RegistryError UNAUTHORIZED, TOOMANYREQUESTS */
  async check({ username, password }: Credentials): Promise<string> {
    const name = username.toLowerCase();
    const account = this.#accounts.get(name);
    if (account === undefined || password.length > longestPassword) throw incorrect();
    this.#key ??= this.#random(32);
    const token = toHex(hmac(sha256, this.#key, utf8(password)));
    const seen = this.#seen.get(name);
    if (seen !== undefined && isSame(seen, token)) return name;
    if (!isSame(account.hash, await this.#hash(password, account.salt))) throw incorrect();
    // While it was hashed the accounts may have been replaced.
    if (this.#accounts.get(name) !== account) throw incorrect();
    this.#seen.set(name, token);
    return name;
  }

  async #make(name: string, password: string): Promise<void> {
    if (password.length < shortestPassword)
      throw unauthorized(
        `a new account needs a password of at least ${shortestPassword} characters; this registry is part of the playground: use no real password`,
      );
    if (password.length > longestPassword) throw unauthorized(`a password has at most ${longestPassword} characters`);
    if (this.#accounts.size >= mostAccounts) throw unauthorized(`this registry has at most ${mostAccounts} accounts`);
    const salt = toHex(this.#random(16));
    const hash = await this.#hash(password, salt);
    if (!this.#accounts.has(name)) this.#accounts.set(name, { name, salt, hash });
  }

  /** One after the other, with a turn for everybody else in between. */
  async #hash(password: string, salt: string): Promise<string> {
    if (this.#waiting >= mostWaiting) throw new RegistryError('TOOMANYREQUESTS', 'too many sign-ins at once');
    this.#waiting += 1;
    const hashed = this.#hashing.then(async () => {
      await nextTurn();
      return toHex(scrypt(utf8(password), utf8(salt), cost));
    });
    const over = (): void => {
      this.#waiting -= 1;
    };
    this.#hashing = hashed.then(over, over);
    return hashed;
  }
}

/** An account's name is the beginning of its repositories': in Docker's grammar, and the same in any case. */
function checkUsername(username: string): string {
  const name = username.toLowerCase();
  if (!/^[a-z0-9]+(?:[._-][a-z0-9]+)*$/.test(name) || name.length > 64)
    throw unauthorized('a user name has letters and digits, with single dots, dashes or underscores between them');
  if (name === 'library') throw unauthorized('the name "library" is kept for official images');
  return name;
}

function isSame(one: string, other: string): boolean {
  let difference = one.length ^ other.length;
  for (let at = 0; at < one.length; at += 1) difference |= one.charCodeAt(at) ^ other.charCodeAt(at % Math.max(1, other.length));
  return difference === 0;
}

function unauthorized(message: string): RegistryError {
  return new RegistryError('UNAUTHORIZED', message);
}

function incorrect(): RegistryError {
  return unauthorized('incorrect username or password');
}
