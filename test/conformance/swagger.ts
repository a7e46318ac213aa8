/**
 * Moby's Swagger 2.0 file as a judge of answers. Real Docker answers null for empty slices, maps and pointers where the file says array or
 * object, so every typed node takes null as well.
 */
import { readFileSync } from 'node:fs';
import Ajv from 'ajv-draft-04';
import { load } from 'js-yaml';
import { z } from 'zod';

const responseSchema = z.object({ schema: z.unknown().optional() });
const operationSchema = z.looseObject({ responses: z.record(z.string(), responseSchema) });
const swaggerSchema = z.looseObject({
  paths: z.record(z.string(), z.record(z.string(), operationSchema)),
  definitions: z.record(z.string(), z.unknown()),
});

const file = new URL('engine-api-v1.50.yaml', import.meta.url);
const swagger = swaggerSchema.parse(nullable(load(readFileSync(file, 'utf8'))));
const ajv = new Ajv({ strict: false, validateFormats: false, allErrors: true });
ajv.addSchema({ $id: 'swagger', definitions: swagger.definitions }, 'swagger');

/** Every "type" gains "null", and every enumeration too. */
function nullable(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(nullable);
  if (typeof node !== 'object' || node === null) return node;
  const out: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(node)) {
    if (key === 'type' && typeof value === 'string') out[key] = [value, 'null'];
    else if (key === 'enum' && Array.isArray(value)) out[key] = [...value, null];
    else if (key === 'example' || key === 'examples' || key === 'default') continue;
    else if (key === '$ref' && typeof value === 'string') out[key] = value.replace(/^#/, 'swagger#');
    else out[key] = nullable(value);
  }
  return out;
}

/**
 * What the file says against an answer; empty when it says nothing.
 * @param operation "GET /containers/{id}/json" @param body parsed JSON, or undefined for an answer without one
 */
export function complaints(operation: string, status: number, body: unknown): readonly string[] {
  const [method = '', path = ''] = operation.split(' ');
  const declared = swagger.paths[path]?.[method.toLowerCase()];
  if (declared === undefined) return [`${operation} is not in the file`];
  const response = declared.responses[String(status)];
  if (response === undefined) return [`${operation} does not answer ${status}`];
  if (response.schema === undefined) return body === undefined ? [] : [`${operation} ${status} has no body`];
  if (body === undefined) return [`${operation} ${status} has a body`];
  const validate = ajv.compile({ ...z.record(z.string(), z.unknown()).parse(response.schema) });
  if (validate(body)) return [];
  return (validate.errors ?? []).map((error) => `${error.instancePath} ${error.message ?? ''}`);
}
