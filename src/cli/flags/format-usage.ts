const reference = 'Refer to https://docs.docker.com/go/formatting/ for more information about formatting output with templates';

/** The usage of --format where JSON or a template is offered. */
export const inspectFormatUsage = `Format output using a custom template:\n'json':             Print in JSON format\n'TEMPLATE':         Print output using the given Go template.\n${reference}`;

/** The usage of --format of lists. */
export const listFormatUsage = `Format output using a custom template:\n'table':            Print output in table format with column headers (default)\n'table TEMPLATE':   Print output in table format using the given Go template\n'json':             Print in JSON format\n'TEMPLATE':         Print output using the given Go template.\n${reference}`;
