import { executeTemplate } from './execute.ts';
import { functions, headerFunctions } from './functions.ts';
import { TemplateSyntaxError } from './lex.ts';
import type { Template } from './nodes.ts';
import { parseTemplate } from './parse.ts';
import type { Steps } from '../../base/steps.ts';
import type { Value } from './value.ts';

const names: ReadonlySet<string> = new Set(Object.keys(functions));

/** A Go template with Docker's functions. Throws TemplateSyntaxError. @param name what errors call it; mostly nothing */
export function parse(source: string, name = '', steps?: Steps): Template {
  try {
    return parseTemplate(source, names, name, steps);
  } catch (error) {
    throw error instanceof TemplateSyntaxError ? new TemplateSyntaxError(`template: ${name}:${error.message}`) : error;
  }
}

export interface RunOptions {
  readonly missingKeyIsError?: boolean;
  /** Ends the execution: whoever waits for it is gone. */
  readonly signal?: AbortSignal;
}

/** Rejects with TemplateExecutionError, or with AppError cancelled. */
export function execute(template: Template, data: Value, options: RunOptions = {}): Promise<string> {
  return executeTemplate(template, data, { functions, ...options });
}

/** The header of a table: the same template over the names of the columns. */
export function executeHeader(template: Template, data: Value, options: RunOptions = {}): Promise<string> {
  return executeTemplate(template, data, { functions: headerFunctions, ...options });
}

export { TemplateExecutionError } from './execute.ts';
export { TemplateSyntaxError };
