/** How a build calls the steps of a stage: "[one 2/5] RUN true" (moby/buildkit: dockerfile2llb, prefixCommand). */
export class StepNames {
  #index = 0;

  /** @param stage '' where there is only one @param total of steps that make a layer, and of the image that it begins with */
  constructor(
    private readonly stage: string,
    private total: number,
  ) {}

  /** Of triggers each counts, whatever it does. */
  add(triggers: number): void {
    this.total += triggers;
  }

  next(text: string, isTrigger = false): string {
    if (this.total === 0) return text;
    this.#index += 1;
    const width = String(this.total).length;
    const stage = this.stage === '' ? '' : `${this.stage} `;
    return `[${stage}${String(this.#index).padStart(width)}/${this.total}] ${isTrigger ? 'ONBUILD ' : ''}${text}`;
  }
}

/** An instruction's keyword in capitals: what is in front of the first blank. */
export function withCapitals(line: string): string {
  const blank = line.indexOf(' ');
  return blank < 0 ? line.toUpperCase() : `${line.slice(0, blank).toUpperCase()}${line.slice(blank)}`;
}
