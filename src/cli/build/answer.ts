/** The answer of `POST /build?version=2`: JSON lines, of which some carry what BuildKit tells. */
import { decodeBase64Bytes } from '../../grammar/base64.ts';
import type { BuildLines } from '../../protocol/build-progress.ts';
import { decodeTrace, type TraceMessage } from '../../protocol/buildkit/trace.ts';
import type { JsonView } from '../json.ts';

export interface BuildOutcome {
  /** '' where no image came out. */
  readonly id: string;
  /** null: it went well. */
  readonly failure: { readonly message: string; readonly lines: BuildLines | null } | null;
}

/** @param heard each message as it comes @throws AppError invalid for messages that are none */
export async function readAnswer(lines: AsyncIterable<JsonView>, heard: (message: TraceMessage) => Promise<void>): Promise<BuildOutcome> {
  let id = '';
  let failure: BuildOutcome['failure'] = null;
  for await (const line of lines) {
    const message = line.string('error');
    if (message !== '') {
      const lines = line.get('errorDetail').get('source').get('lines');
      const range = { start: lines.number('start'), end: lines.number('end') };
      failure = { message, lines: range.start > 0 ? range : null };
    }
    switch (line.string('id')) {
      case 'moby.buildkit.trace':
        for (const each of decodeTrace(decodeBase64Bytes(line.string('aux')))) await heard(each);
        break;
      case 'moby.image.id':
        id = line.get('aux').string('ID');
    }
  }
  return { id, failure };
}
