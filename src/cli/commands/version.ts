import type { Command } from '../command.ts';
import type { CliContext } from '../context.ts';
import { StatusError, messageOf } from '../errors.ts';
import { inspectFormatUsage } from '../flags/format-usage.ts';
import { full } from '../flags/support.ts';
import { alignTabs } from '../format/tabwriter.ts';
import { isObject, JsonView, type Json } from '../json.ts';
import { clientInfo } from '../product.ts';
import { dockerTypes } from '../template/docker-types.ts';
import { decodeGo } from '../template/go-types.ts';
import { execute, parse, TemplateExecutionError } from '../template/index.ts';
import type { Template } from '../template/nodes.ts';

export const version: Command = {
  use: 'version [OPTIONS]',
  short: 'Show the Docker version information',
  arity: { rule: 'none' },
  support: full,
  setup(flags) {
    const format = flags.string('format', 'f', inspectFormatUsage, full);
    return async (context) => {
      const template = format.value === '' ? null : parseFormat(format.value === 'json' ? '{{json .}}' : format.value);
      await context.contexts.check();
      const Context = await context.contexts.current();
      const Client = { ...clientInfo, Context };
      const clientText = clientTextIn(Context);
      const server = await context.client.get('/version').catch(async (error: unknown) => {
        if (template === null) await context.out(textOf(clientText));
        else await writeFormatted(context, template, { Client, Server: null });
        throw error;
      });
      const components = withEngine(server);
      if (template === null)
        return context.print(
          textOf([...clientText, '', `Server: ${server.get('Platform').string('Name')}`.trimEnd(), ...components.flatMap(componentText)]),
        );
      const versions = isObject(server.json) ? { ...server.json, Components: components.map((component) => component.json) } : {};
      await writeFormatted(context, template, { Client, Server: versions });
    };
  },
};

function parseFormat(format: string): Template {
  try {
    return parse(format, 'version');
  } catch (error) {
    throw new StatusError(64, `template parsing error: ${messageOf(error)}`);
  }
}

async function writeFormatted(context: CliContext, template: Template, versions: Json): Promise<void> {
  try {
    await context.out(`${await execute(template, decodeGo(dockerTypes, 'system.versionInfo', versions), { signal: context.signal })}\n`);
  } catch (error) {
    if (error instanceof TemplateExecutionError) await context.out(`${error.output}\n`);
    throw error;
  }
}

/** The server's components; an old daemon that names none is its own engine. */
function withEngine(server: JsonView): readonly JsonView[] {
  const components = server.list('Components').map(withReadableDate);
  if (components.some((component) => component.string('Name') === 'Engine')) return components;
  const details = Object.fromEntries(
    ['ApiVersion', 'MinAPIVersion', 'GitCommit', 'GoVersion', 'Os', 'Arch'].map((name) => [name, server.string(name)]),
  );
  const own = { ...details, BuildTime: ansicDate(server.string('BuildTime')), Experimental: String(server.bool('Experimental')) };
  return [...components, new JsonView({ Name: 'Engine', Version: server.string('Version'), Details: own })];
}

function withReadableDate(component: JsonView): JsonView {
  const details = component.get('Details').json;
  if (!isObject(component.json) || !isObject(details) || component.string('Name') !== 'Engine') return component;
  return new JsonView({ ...component.json, Details: { ...details, BuildTime: ansicDate(component.get('Details').string('BuildTime')) } });
}

const days = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** An RFC 3339 time as C's asctime(3) writes it; anything else as it is. */
function ansicDate(text: string): string {
  if (!/^\d{4}-\d\d-\d\dT/.test(text) || Number.isNaN(Date.parse(text))) return text;
  const date = new Date(text.replace(/(\.\d+)?(Z|[-+]\d\d:\d\d)$/, 'Z'));
  return `${days[date.getUTCDay()]} ${months[date.getUTCMonth()]} ${String(date.getUTCDate()).padStart(2)} ${date.toISOString().slice(11, 19)} ${date.getUTCFullYear()}`;
}

function textOf(lines: readonly string[]): string {
  return `${alignTabs(lines.join('\n'), { minWidth: 20, padding: 1 })}\n`;
}

const clientTextIn = (context: string): readonly string[] => [
  'Client:',
  ` Version:\t${clientInfo.Version}`,
  ` API version:\t${clientInfo.ApiVersion}`,
  ` Go version:\t${clientInfo.GoVersion}`,
  ` Git commit:\t${clientInfo.GitCommit}`,
  ` Built:\t${clientInfo.BuildTime}`,
  ` OS/Arch:\t${clientInfo.Os}/${clientInfo.Arch}`,
  ` Context:\t${context}`,
];

function componentText(component: JsonView): readonly string[] {
  const details = component.get('Details');
  const head = [` ${component.string('Name')}:`, `  Version:\t${component.string('Version')}`];
  if (component.string('Name') !== 'Engine') return [...head, ...component.labels('Details').map(([key, value]) => `  ${key}:\t${value}`)];
  return [
    ...head,
    `  API version:\t${details.string('ApiVersion')} (minimum version ${details.string('MinAPIVersion')})`,
    `  Go version:\t${details.string('GoVersion')}`,
    `  Git commit:\t${details.string('GitCommit')}`,
    `  Built:\t${details.string('BuildTime')}`,
    `  OS/Arch:\t${details.string('Os')}/${details.string('Arch')}`,
    `  Experimental:\t${details.string('Experimental')}`,
  ];
}
