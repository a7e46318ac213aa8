import { AppError } from '../../../base/errors.ts';
import type { AgentRecordInput } from '../../../protocol/agent.ts';
import type { GuestLayers } from '../../runtime.ts';
import type { TestCalls } from './calls.ts';
import type { TestContainers } from './containers.ts';
import type { TestFiles } from './files.ts';

const EBUSY = 16;

/** Layers made of what containers wrote. */
export class TestLayers implements GuestLayers {
  readonly #calls: TestCalls;
  readonly #containers: TestContainers;
  readonly #files: TestFiles;

  constructor(calls: TestCalls, containers: TestContainers, files: TestFiles) {
    this.#calls = calls;
    this.#containers = containers;
    this.#files = files;
  }

  async keep({ container = '', upper = '', target = '', copy = 0 }: AgentRecordInput<'layerSpec'>): Promise<void> {
    await this.#calls.call('keepLayer');
    const { uppers } = this.#files;
    const files = uppers.get(upper) ?? new Map<string, string>();
    if (copy === 0 && this.#containers.byId.has(container))
      throw new AppError('internal', `container ${container} runs`, { detail: { errno: EBUSY } });
    if (copy === 0) uppers.delete(upper);
    uppers.set(target, new Map(files));
  }
}
