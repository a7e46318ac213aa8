import { containerTypes } from './container-types.ts';
import { defineTypes } from './go-types.ts';
import { objectTypes } from './object-types.ts';
import { systemTypes } from './system-types.ts';

/** Every Go type that a --format may be executed on. */
export const dockerTypes = defineTypes([containerTypes, objectTypes, systemTypes].join('\n'));
