import { fromUtf8 } from '../../base/bytes.ts';
import { AppError } from '../../base/errors.ts';
import { readAll } from '../../base/streams.ts';
import { containerPath, largestAnswer, objectPath, segment, type Query } from '../client/engine-client.ts';
import type { CliContext } from '../context.ts';
import { StatusError, WriteError, messageOf } from '../errors.ts';
import { compactJson, indentJson, parseJson, type Json } from '../json.ts';
import { dockerTypes } from '../template/docker-types.ts';
import { decodeConcrete, decodeGo } from '../template/go-types.ts';
import { execute, parse, TemplateExecutionError } from '../template/index.ts';
import type { Template } from '../template/nodes.ts';

/** A kind of object and how it is asked for. */
export interface ObjectKind {
  readonly name: string;
  /** The Go type that a --format is executed on. */
  readonly type: string;
  readonly path: (name: string) => string;
  readonly query?: Query;
  /** A --format finds nothing that its type does not have. */
  readonly isTypedOnly?: true;
}

/** An object as the daemon wrote it. */
export interface InspectedObject {
  readonly kind: ObjectKind;
  readonly raw: string;
  readonly json: Json;
}

export const containerKind = (size: boolean): ObjectKind => ({
  name: 'container',
  type: 'container.InspectResponse',
  path: (name) => `${containerPath(name)}/json`,
  query: { size: size ? '1' : undefined },
});

export const imageKind: ObjectKind = { name: 'image', type: 'image.InspectResponse', path: imagePath };
export const networkKind: ObjectKind = { name: 'network', type: 'network.Inspect', path: (name) => objectPath('network', name) };
export const volumeKind: ObjectKind = { name: 'volume', type: 'volume.Volume', path: (name) => objectPath('volume', name) };

function imagePath(name: string): string {
  if (name === '') throw new StatusError(1, 'Error: No such image: ');
  return `/images/${segment(name)}/json`;
}

export async function fetchObject(context: CliContext, kind: ObjectKind, name: string): Promise<InspectedObject> {
  const source = await context.client.stream('GET', kind.path(name), kind.query === undefined ? {} : { query: kind.query });
  const raw = fromUtf8(await readAll(source, largestAnswer));
  try {
    return { kind, raw, json: parseJson(raw) };
  } catch (error) {
    throw new AppError('internal', `the daemon's answer is not JSON: ${raw.slice(0, 80)}`, { cause: error });
  }
}

/** Prints objects as JSON or through a --format; what cannot be found is said afterwards, with status 1. */
export async function inspectObjects(
  context: CliContext,
  names: readonly string[],
  format: string,
  fetch: (name: string) => Promise<InspectedObject>,
): Promise<void> {
  const template = format === '' || format === 'json' ? null : parseFormat(format);
  const failures: string[] = [];
  const found: string[] = [];
  for (const name of names) {
    try {
      const object = await fetch(name);
      found.push(template === null ? object.raw.trim() : `${await render(template, object, context.signal)}\n`);
    } catch (error) {
      failures.push(messageOf(error));
    }
  }
  await context.print(template === null ? joinRaw(found, format) : found.join('') || '\n').catch((thrown: unknown) => {
    if (!(thrown instanceof WriteError)) throw thrown;
    return context.logError(thrown.message);
  });
  if (failures.length > 0) throw new StatusError(1, failures.join('\n'));
}

function parseFormat(format: string): Template {
  try {
    return parse(format);
  } catch (error) {
    throw new StatusError(64, `template parsing error: ${messageOf(error)}`);
  }
}

function joinRaw(found: readonly string[], format: string): string {
  if (found.length === 0) return '[]\n';
  const list = `[${found.join(',')}]`;
  return `${format === 'json' ? compactJson(list) : indentJson(list, '    ')}\n`;
}

/** On the typed object first; a field that the type does not have may still be in what the daemon wrote. */
async function render(template: Template, object: InspectedObject, signal: AbortSignal): Promise<string> {
  try {
    return await execute(template, decodeGo(dockerTypes, object.kind.type, object.json), { signal });
  } catch (error) {
    if (!(error instanceof TemplateExecutionError)) throw error;
    if (object.kind.isTypedOnly === true) throw new StatusError(1, `template parsing error: ${error.message}`);
    return renderRaw(template, object, signal);
  }
}

async function renderRaw(template: Template, object: InspectedObject, signal: AbortSignal): Promise<string> {
  try {
    return await execute(template, decodeConcrete(object.json), { missingKeyIsError: true, signal });
  } catch (error) {
    throw new StatusError(1, `template parsing error: ${messageOf(error)}`);
  }
}

/** Whether another kind of object may have that name. */
export function isAbsence(error: unknown): boolean {
  return error instanceof AppError && (error.kind === 'not_found' || /not supported|invalid reference format/.test(error.message));
}
