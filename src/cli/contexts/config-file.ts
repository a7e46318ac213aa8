import { messageOf } from '../errors.ts';
import { decodeBase64, encodeBase64 } from '../../grammar/base64.ts';
import { indentJson, isObject, parseJson, writeJson, type Json, type JsonObject } from '../json.ts';
import type { ConfigFolder } from './config-folder.ts';

const name = 'config.json';
const modes = { file: 0o600, folder: 0o700 };

/** What a registry knows somebody by. */
export interface Credentials {
  /** "localhost:5000"; of the hub "https://index.docker.io/v1/". */
  readonly address: string;
  readonly username: string;
  readonly password: string;
}

/** docker's credentials.ConvertToHostname. */
export function hostOfAddress(address: string): string {
  return address.replace(/^https?:\/\//, '').split('/', 1)[0] ?? '';
}

/** "auth" is the name and the password; one that cannot be read is nobody's. */
function credentialsOf(address: string, value: Json): Credentials {
  const { auth = '' } = isObject(value) ? value : {};
  const text = typeof auth === 'string' ? decodeBase64(auth) : '';
  const colon = text.indexOf(':');
  return { address, username: colon < 0 ? '' : text.slice(0, colon), password: colon < 0 ? '' : text.slice(colon + 1) };
}

/** `config.json`, of which this client reads the current context and what it is known by to registries, and keeps the rest. */
export class ConfigFile {
  readonly #folder: ConfigFolder;
  readonly #warn: (text: string) => Promise<void>;
  #contents: Promise<JsonObject> | undefined;

  /** @param warn told once of a file that cannot be read */
  constructor(folder: ConfigFolder, warn: (text: string) => Promise<void>) {
    this.#folder = folder;
    this.#warn = warn;
  }

  /** '' = none. */
  async currentContext(): Promise<string> {
    const { currentContext = '' } = await this.#read();
    return typeof currentContext === 'string' ? currentContext : '';
  }

  /** Nothing is written where it is so already. */
  async setCurrentContext(context: string): Promise<void> {
    if ((await this.currentContext()) === context) return;
    const { currentContext: _before, ...others } = await this.#read();
    const contents = { auths: {}, ...others, ...(context === '' ? {} : { currentContext: context }) };
    await this.#write(contents);
  }

  /** As docker's file store: what is kept under the address, or under one of the same host. null: nothing */
  async credentials(address: string): Promise<Credentials | null> {
    const auths = await this.#auths();
    const found = Object.hasOwn(auths, address) ? address : Object.keys(auths).find((key) => hostOfAddress(key) === address);
    return found === undefined ? null : credentialsOf(found, auths[found] ?? null);
  }

  /** Of every registry, by its address. */
  async allCredentials(): Promise<readonly Credentials[]> {
    return Object.entries(await this.#auths()).map(([address, value]) => credentialsOf(address, value));
  }

  /** @returns whether the file was written: not where it says so already */
  async storeCredentials({ address, username, password }: Credentials): Promise<boolean> {
    const auths = await this.#auths();
    const before = Object.hasOwn(auths, address) ? credentialsOf(address, auths[address] ?? null) : null;
    if (before?.username === username && before.password === password) return false;
    await this.#write({ ...(await this.#read()), auths: { ...auths, [address]: { auth: encodeBase64(`${username}:${password}`) } } });
    return true;
  }

  /** Nothing is written where none of them is there. */
  async eraseCredentials(addresses: readonly string[]): Promise<void> {
    const auths = await this.#auths();
    const left = Object.entries(auths).filter(([address]) => !addresses.includes(address));
    if (left.length < Object.keys(auths).length) await this.#write({ ...(await this.#read()), auths: Object.fromEntries(left) });
  }

  /** Where it is, for people. */
  get path(): string {
    return this.#folder.at(name);
  }

  async #auths(): Promise<JsonObject> {
    const { auths = {} } = await this.#read();
    return isObject(auths) ? auths : {};
  }

  async #write(contents: JsonObject): Promise<void> {
    this.#contents = Promise.resolve(contents);
    await this.#folder.write(name, indentJson(writeJson(contents), '\t'), modes);
  }

  #read(): Promise<JsonObject> {
    this.#contents ??= this.#load();
    return this.#contents;
  }

  async #load(): Promise<JsonObject> {
    try {
      const text = (await this.#folder.read(name)) ?? '';
      if (text.trim() === '') return {};
      const contents = parseJson(text);
      const { currentContext = '' } = isObject(contents) ? contents : {};
      if (!isObject(contents)) throw new SyntaxError('json: cannot unmarshal it into Go value of type configfile.ConfigFile');
      if (typeof currentContext !== 'string')
        throw new SyntaxError('json: cannot unmarshal it into Go struct field ConfigFile.currentContext of type string');
      return contents;
    } catch (error) {
      await this.#warn(`WARNING: Error parsing config file (${this.#folder.at(name)}): ${messageOf(error)}\n`);
      return {};
    }
  }
}
