import { executeTemplate } from './execute.ts';
import { functions, headerFunctions } from './functions.ts';
import { TemplateSyntaxError } from './lex.ts';
import { parseTemplate, type Template } from './parse.ts';
import type { Value } from './value.ts';

const names: ReadonlySet<string> = new Set(Object.keys(functions));

/** A Go template with Docker's functions. Throws TemplateSyntaxError. @param name what errors call it; mostly nothing */
export function parse(source: string, name = ''): Template {
  try {
    return { ...parseTemplate(source, names), name };
  } catch (error) {
    throw error instanceof TemplateSyntaxError ? new TemplateSyntaxError(`template: ${name}:${error.message}`) : error;
  }
}

/** Throws TemplateExecutionError. */
export function execute(template: Template, data: Value, options: { readonly missingKeyIsError?: boolean } = {}): string {
  return executeTemplate(template, data, { functions, ...options });
}

/** The header of a table: the same template over the names of the columns. */
export function executeHeader(template: Template, data: Value): string {
  return executeTemplate(template, data, { functions: headerFunctions });
}

export { TemplateExecutionError } from './execute.ts';
export { TemplateSyntaxError };
