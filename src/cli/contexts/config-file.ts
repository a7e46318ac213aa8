import { messageOf } from '../errors.ts';
import { indentJson, isObject, parseJson, writeJson, type JsonObject } from '../json.ts';
import type { ConfigFolder } from './config-folder.ts';

const name = 'config.json';
const modes = { file: 0o600, folder: 0o700 };

/** `config.json`, of which this client reads the current context and keeps the rest. */
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
