/**
 * The bodies of the Docker Engine API 1.50, with Docker's field names (github.com/moby/moby api/types; Swagger in test/conformance).
 * Request bodies are schemas: they are parsed at the edge as Go's encoding/json does it (names matched in any case, null means the
 * zero value, unknown names skipped). Response bodies are types. A Go nil slice or map is `null`; "omitempty" is optional here.
 */
export * from './engine-api/requests.ts';
export type * from './engine-api/responses.ts';
export type * from './engine-api/system-responses.ts';

export const apiVersion = '1.50';
export const minApiVersion = '1.24';
