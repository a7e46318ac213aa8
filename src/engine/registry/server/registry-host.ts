import type { Clock } from '../../clock.ts';
import type { Content } from '../../content/content.ts';
import type { Random } from '../../random.ts';
import type { HttpRequest } from '../../../protocol/http.ts';
import { Accounts } from './accounts.ts';
import type { AccessRules } from './access.ts';
import { nameUnknown } from './errors.ts';
import { Repositories, type Repository } from './repositories.ts';
import { Uploads } from './uploads.ts';

export interface RegistryHostOptions {
  readonly rules: AccessRules;
  readonly content: Content;
  readonly clock: Clock;
  readonly random: Random;
}

/** One registry by its name: accounts and repositories, and contents that it shares with the others and with the images. */
export class RegistryHost {
  readonly rules: AccessRules;
  readonly content: Content;
  readonly clock: Clock;
  readonly accounts: Accounts;
  readonly repositories = new Repositories();
  readonly uploads: Uploads;

  constructor({ rules, content, clock, random }: RegistryHostOptions) {
    this.rules = rules;
    this.content = content;
    this.clock = clock;
    this.accounts = new Accounts(random);
    this.uploads = new Uploads({ content, clock, random });
  }

  /** @throws RegistryError NAME_UNKNOWN */
  repository(name: string): Repository {
    const found = this.repositories.find(name);
    if (found === undefined) throw nameUnknown(name);
    return found;
  }

  /** Before something is written: what was left half done long ago goes. */
  tidy(): void {
    if (this.repositories.forgetUnnamed(this.clock.now())) this.content.sweep();
  }
}

/** A request that may be answered: who sent it has the right to. */
export interface Call {
  readonly host: RegistryHost;
  readonly request: HttpRequest;
  readonly query: URLSearchParams;
  readonly account: string | null;
}
