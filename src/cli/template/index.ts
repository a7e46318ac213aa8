import { executeTemplate } from './execute.ts';
import { functions, headerFunctions } from './functions.ts';
import { parseTemplate, type Template } from './parse.ts';
import type { Value } from './value.ts';

const names: ReadonlySet<string> = new Set(Object.keys(functions));

/** A Go template with Docker's functions. Throws TemplateSyntaxError. */
export function parse(source: string): Template {
  return parseTemplate(source, names);
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
export { TemplateSyntaxError } from './lex.ts';
