/** What the words of an instruction mean (moby/buildkit: frontend/dockerfile/instructions, parse.go). */
import { AppError } from '../../base/errors.ts';
import { csvFields } from '../csv.ts';
import { goQuote } from '../go-quote.ts';
import { readFlags, type FlagKinds, type FlagValues } from './flags.ts';
import { readHealthCheck } from './health-check.ts';
import { heredocOf, type Heredoc } from './heredoc.ts';
import type { Command, Instruction, InstructionBody, InstructionName } from './instruction.ts';
import { nearest } from './nearest.ts';
import type { InstructionNode } from './parse.ts';
import { jsonOrBlankWords, jsonWords, keyValues, splitWords } from './split-instruction.ts';

interface Source {
  readonly node: InstructionNode;
  readonly escape: string;
}
type Reader = (source: Source) => InstructionBody;

const copyFlags: FlagKinds = { chown: 'text', chmod: 'text', link: 'switch', exclude: 'texts' };

const readers: Readonly<Record<InstructionName, Reader>> = {
  ADD: (source) => copy('ADD', source, { ...copyFlags, 'keep-git-dir': 'switch', checksum: 'text', unpack: 'switch' }),
  ARG: readArguments,
  CMD: ({ node }) => ({ name: 'CMD', command: withoutFlags(node, command) }),
  COPY: (source) => copy('COPY', source, { ...copyFlags, from: 'text', parents: 'switch' }),
  ENTRYPOINT: ({ node }) => ({ name: 'ENTRYPOINT', command: withoutFlags(node, command) }),
  ENV: (source) => pairs('ENV', source),
  EXPOSE: ({ node }) => ({ name: 'EXPOSE', ports: some(node, jsonlessWords(withoutFlags(node, ({ rest }) => rest))) }),
  FROM: readFrom,
  HEALTHCHECK: ({ node }) => readHealthCheck(node),
  LABEL: (source) => pairs('LABEL', source),
  MAINTAINER: ({ node }) => ({ name: 'MAINTAINER', value: one(node) }),
  ONBUILD: ({ node }) => ({ name: 'ONBUILD', trigger: trigger(node) }),
  RUN: ({ node }) => ({ name: 'RUN', flags: runFlags(node), command: command(node) }),
  SHELL: ({ node }) => ({ name: 'SHELL', words: shell(node) }),
  STOPSIGNAL: ({ node }) => ({ name: 'STOPSIGNAL', value: one(node) }),
  USER: ({ node }) => ({ name: 'USER', value: one(node) }),
  VOLUME: ({ node }) => ({ name: 'VOLUME', paths: volumes(node) }),
  WORKDIR: ({ node }) => ({ name: 'WORKDIR', value: one(node) }),
};

export const instructionNames: readonly string[] = Object.keys(readers);

/** @param escape the file's escape character @throws AppError invalid in BuildKit's words, without the line in front */
export function readInstruction(node: InstructionNode, escape = '\\'): Instruction {
  const name = instructionNames.find((known): known is InstructionName => known === node.name);
  if (name === undefined) {
    const meant = nearest(node.keyword, instructionNames);
    throw invalid(`unknown instruction: ${node.keyword}${meant === null ? '' : ` (did you mean ${meant}?)`}`);
  }
  return { ...readers[name]({ node, escape }), node };
}

function withoutFlags<T>(node: InstructionNode, read: (node: InstructionNode) => T): T {
  readFlags(node.flags, {});
  return read(node);
}

function jsonlessWords(rest: string): readonly string[] {
  return rest === '' ? [] : rest.split(/[\t\v\f\r ]+/);
}

function some(node: InstructionNode, words: readonly string[]): readonly string[] {
  if (words.length === 0) throw invalid(`${node.name} requires at least one argument`);
  return words;
}

function one(node: InstructionNode): string {
  readFlags(node.flags, {});
  if (node.rest === '') throw invalid(`${node.name} requires exactly one argument`);
  return node.rest;
}

function command({ rest }: InstructionNode): Command {
  const words = jsonWords(rest);
  return words === null ? { form: 'shell', line: rest } : { form: 'exec', words };
}

const runNetworks = ['', 'default', 'none', 'host'];

function runFlags({ flags }: InstructionNode): FlagValues {
  const values = readFlags(flags, { mount: 'texts', network: 'text' });
  for (const mount of values.texts('mount')) checkMountSource(mount);
  const network = values.text('network');
  if (!runNetworks.includes(network)) throw invalid(`invalid network mode ${goQuote(network)}`);
  return values;
}

/** What a mount is of decides which stages are needed: no stage has variables yet then. */
function checkMountSource(mount: string): void {
  if (csvFields(mount).some((field) => /^from=.*\$./i.test(field)))
    throw invalid("'from' doesn't support variable expansion, define alias stage instead");
}

function pairs(name: 'ENV' | 'LABEL', { node, escape }: Source): InstructionBody {
  readFlags(node.flags, {});
  const found = keyValues(name, node.rest, escape);
  some(
    node,
    found.pairs.map(({ key }) => key),
  );
  if (found.pairs.some(({ key }) => key === '')) throw invalid(`${name} names can not be blank`);
  return { name, ...found };
}

function readArguments({ node, escape }: Source): InstructionBody {
  readFlags(node.flags, {});
  const words = some(node, splitWords(node.rest, escape)).map((word) => {
    const equals = word.indexOf('=');
    if (equals === 0) throw invalid('ARG names can not be blank');
    return equals < 0 ? { key: word, value: null } : { key: word.slice(0, equals), value: word.slice(equals + 1) };
  });
  return { name: 'ARG', arguments: words };
}

function readFrom({ node }: Source): InstructionBody {
  const words = jsonlessWords(node.rest);
  const [image = '', as = '', name = ''] = words;
  const isNamed = words.length === 3 && as.toUpperCase() === 'AS';
  if (words.length !== 1 && !isNamed) throw invalid('FROM requires either one or three arguments');
  if (isNamed && !/^[a-z][a-z0-9._-]*$/.test(name.toLowerCase()))
    throw invalid(`invalid name for build stage: ${goQuote(name)}, name can't start with a number or contain symbols`);
  const platform = readFlags(node.flags, { platform: 'text' }).text('platform');
  return { name: 'FROM', image, as: isNamed ? name.toLowerCase() : null, platform };
}

function copy(name: 'ADD' | 'COPY', { node, escape }: Source, kinds: FlagKinds): InstructionBody {
  const words = jsonOrBlankWords(node.rest);
  const destination = words.at(-1);
  if (destination === undefined || words.length < 2)
    throw invalid(`${name} requires at least two arguments, but only one was provided. Destination could not be determined`);
  const flags = readFlags(node.flags, kinds);
  const sources = words.slice(0, -1).map((word) => heredocNamed(word, node.heredocs, escape) ?? word);
  return { name, sources, destination, flags };
}

function heredocNamed(word: string, heredocs: readonly Heredoc[], escape: string): Heredoc | null {
  if (heredocs.length === 0) return null;
  const named = quotesMatch(word) ? heredocOf(word, escape) : null;
  return named === null ? null : (heredocs.find(({ name }) => name === named.name) ?? null);
}

/** Blanks part sources also between quotes: what is left of a heredoc's name then is none. */
function quotesMatch(word: string): boolean {
  return (word.match(/["']/g) ?? []).length % 2 === 0;
}

function volumes(node: InstructionNode): readonly string[] {
  readFlags(node.flags, {});
  const paths = some(node, jsonOrBlankWords(node.rest)).map((path) => path.trim());
  if (paths.includes('')) throw invalid('VOLUME specified can not be an empty string');
  return paths;
}

function shell(node: InstructionNode): readonly string[] {
  readFlags(node.flags, {});
  const words = jsonWords(node.rest);
  if (words === null) throw invalid('SHELL requires the arguments to be in JSON form');
  return some(node, words);
}

function trigger(node: InstructionNode): string {
  readFlags(node.flags, {});
  const name = (some(node, jsonlessWords(node.rest))[0] ?? '').toUpperCase();
  if (name === 'ONBUILD') throw invalid("Chaining ONBUILD via `ONBUILD ONBUILD` isn't allowed");
  if (name === 'FROM' || name === 'MAINTAINER') throw invalid(`${name} isn't allowed as an ONBUILD trigger`);
  return node.original.replace(/^\s*ONBUILD\s*/i, '');
}

function invalid(message: string): AppError {
  return new AppError('invalid', message);
}
