/** Variables of a template, the newest of a name first, until their block ends. */
export class Scope<Variable extends { readonly name: string }> {
  readonly #all: Variable[] = [];
  readonly #byName = new Map<string, Variable[]>();

  constructor(first: Variable) {
    this.add(first);
  }

  get size(): number {
    return this.#all.length;
  }

  add(variable: Variable): void {
    this.#all.push(variable);
    const same = this.#byName.get(variable.name);
    if (same === undefined) this.#byName.set(variable.name, [variable]);
    else same.push(variable);
  }

  find(name: string): Variable | undefined {
    return this.#byName.get(name)?.at(-1);
  }

  /** Forgets all but the first so many. */
  endAt(size: number): void {
    while (this.#all.length > size) this.#byName.get(this.#all.pop()?.name ?? '')?.pop();
  }
}
