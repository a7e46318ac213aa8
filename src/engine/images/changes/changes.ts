/** `--change`: instructions of a Dockerfile on a container's configuration (moby: builder/dockerfile, BuildFromConfig). */
import { AppError } from '../../../base/errors.ts';
import { Steps } from '../../../base/steps.ts';
import { parseDockerfile } from '../../../grammar/dockerfile/parse.ts';
import { readInstruction } from '../../../grammar/dockerfile/read-instruction.ts';
import type { ContainerConfig } from '../../../protocol/engine-api.ts';
import { InstructionReader, isMetadata } from './apply.ts';
import { ConfigDraft } from './draft.ts';

/** Characters that all instructions of one request may read and put in: a value that takes itself twice doubles with each line. */
const mostCharacters = 4 << 20;

/**
 * The configuration after the instructions; each string may be several lines.
 * @throws AppError invalid in Docker's words: "RUN is not a valid change command"; exhausted where variables grow beyond 4 MiB
 */
export function applyChanges(
  config: ContainerConfig,
  changes: readonly string[],
  steps = new Steps(mostCharacters, 'the configuration that the changes make'),
): ContainerConfig {
  if (changes.length === 0) return config;
  const { nodes, directives } = parseDockerfile(changes.join('\n'), steps);
  // All are known before one is applied.
  for (const { name, keyword } of nodes) if (!isMetadata(name)) throw new AppError('invalid', `${keyword} is not a valid change command`);
  const draft = new ConfigDraft(config);
  const reader = new InstructionReader(draft, { escape: directives.escape, steps });
  for (const node of nodes) reader.apply(readInstruction(node, directives.escape));
  return draft.config();
}
