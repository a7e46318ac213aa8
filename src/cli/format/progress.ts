import type { CliContext } from '../context.ts';
import { StatusError } from '../errors.ts';
import type { JsonView } from '../json.ts';
import { humanSize } from '../../grammar/units.ts';

const barWidth = 50;
/** Lines that can be redrawn; no image has as many layers (127 at most, overlayfs). */
const mostLines = 1024;
/** Narrower terminals get numbers only. */
const leastColumnsForBar = 110;

/**
 * Shows the messages of a pull: on a terminal each layer keeps a line that is redrawn, elsewhere only what has no progress is printed
 * (moby's jsonmessage).
 * @param to null shows nothing but still fails as the messages say
 */
export async function showProgress(context: CliContext, messages: AsyncIterable<JsonView>, to: 'stdout' | 'stderr' | null): Promise<void> {
  const stream = to === null ? null : context.session[to];
  const columns = stream?.isTty === true ? (context.session.terminal?.size().columns ?? 200) : null;
  const display = columns === null ? new PlainProgress() : new TerminalProgress(columns);
  const write = to === 'stderr' ? context.err : context.out;
  for await (const message of messages) {
    const failure = message.get('errorDetail').string('message') || message.string('error');
    if (failure !== '') throw new StatusError(1, failure);
    if (to !== null && message.get('aux').isNull) await write(display.show(message));
  }
}

class PlainProgress {
  show(message: JsonView): string {
    return progressText(message, 200) === '' ? line(message) : '';
  }
}

class TerminalProgress {
  readonly #columns: number;
  #lines = new Map<string, number>();

  constructor(columns: number) {
    this.#columns = columns;
  }

  show(message: JsonView): string {
    const id = message.string('id');
    const detail = message.get('progressDetail');
    if (id === '' || detail.isNull) {
      // Anything else scrolls the known lines away.
      this.#lines = new Map();
      return detail.isNull ? line(message) : this.#redrawn(message);
    }
    let out = '';
    if (!this.#lines.has(id)) {
      if (this.#lines.size >= mostLines) this.#lines = new Map();
      this.#lines.set(id, this.#lines.size);
      out += '\n';
    }
    const distance = this.#lines.size - (this.#lines.get(id) ?? 0);
    return `${out}\x1b[${distance}A${this.#redrawn(message)}\x1b[${distance}B`;
  }

  #redrawn(message: JsonView): string {
    return `\x1b[2K\r${prefix(message)}${message.string('status')} ${progressText(message, this.#columns)}\r`;
  }
}

function line(message: JsonView): string {
  const stream = message.string('stream');
  if (stream !== '') return prefix(message) + stream;
  const progress = message.string('progress');
  return progress === '' || !message.get('progressDetail').isNull
    ? `${prefix(message)}${message.string('status')}\n`
    : `${prefix(message)}${message.string('status')} ${progress}`;
}

function prefix(message: JsonView): string {
  const id = message.string('id');
  return id === '' ? '' : `${id}: `;
}

/** `[===>   ]  1.2MB/4MB` */
function progressText(message: JsonView, columns: number): string {
  const detail = message.get('progressDetail');
  const current = detail.number('current');
  const total = detail.number('total');
  if (current <= 0 && total <= 0) return '';
  const units = detail.string('units');
  if (total <= 0) return units === '' ? humanSize(current).padStart(8) : `${current} ${units}`;
  const filled = Math.min(barWidth, Math.trunc(Math.trunc((current / total) * 100) / 2));
  const bar = columns > leastColumnsForBar ? `[${'='.repeat(filled)}>${' '.repeat(barWidth - filled)}] ` : '';
  if (detail.bool('hidecounts')) return bar;
  if (units !== '') return `${bar}${current}/${total} ${units}`;
  return bar + humanSize(current).padStart(8) + (current > total ? '' : `/${humanSize(total)}`);
}
