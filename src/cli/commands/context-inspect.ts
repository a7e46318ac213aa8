import type { Command } from '../command.ts';
import type { CliContext } from '../context.ts';
import { defaultName, escapeHtml } from '../contexts/store.ts';
import { inspectFormatUsage } from '../flags/format-usage.ts';
import { full } from '../flags/support.ts';
import { writeJson } from '../json.ts';
import { inspectObjects, type InspectedObject, type ObjectKind } from './inspect-objects.ts';

export const contextInspect: Command = {
  use: 'inspect [OPTIONS] [CONTEXT] [CONTEXT...]',
  short: 'Display detailed information on one or more contexts',
  arity: { rule: 'atLeast', count: 0 },
  support: full,
  setup(flags) {
    const format = flags.string('format', 'f', inspectFormatUsage, full);
    return async (context, names) => {
      const wanted = names.length > 0 ? names : [await context.contexts.current()];
      await inspectObjects(context, wanted, format.value, (name) => inspected(context, name));
    };
  },
};

const kind: ObjectKind = { name: 'context', type: 'context.contextWithTLSListing', path: (name) => name, isTypedOnly: true };
const inMemory = '<IN MEMORY>';

async function inspected({ contexts }: CliContext, name: string): Promise<InspectedObject> {
  const isDefault = name === defaultName;
  const json = {
    ...(await contexts.get(name)),
    TLSMaterial: isDefault ? {} : await contexts.store.tlsFiles(name),
    Storage: isDefault ? { MetadataPath: inMemory, TLSPath: inMemory } : contexts.store.storageOf(name),
  };
  return { kind, raw: escapeHtml(writeJson(json)), json };
}
