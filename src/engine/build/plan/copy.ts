/** COPY and ADD (moby/buildkit: dockerfile2llb, dispatchCopy). */
import { AppError } from '../../../base/errors.ts';
import { cleanPath } from '../../../grammar/clean-path.ts';
import { heredocText } from '../../../grammar/dockerfile/heredoc.ts';
import type { CopyInstruction } from '../../../grammar/dockerfile/instruction.ts';
import { parseDigest } from '../../../grammar/reference.ts';
import type { CopyStep, InlineFile, Source } from './model.ts';
import { destinationPath } from './paths.ts';
import type { StageBuilder } from './stage-builder.ts';

interface CopyGiven {
  readonly from: Source;
  readonly isLeftOut: (path: string) => boolean;
}

/** @throws AppError invalid in BuildKit's words */
export function applyCopy(
  stage: StageBuilder,
  { name, flags, sources: written, destination }: CopyInstruction,
  { from, isLeftOut }: CopyGiven,
): void {
  const chown = stage.expand(flags.text('chown'));
  const chmod = stage.expand(flags.text('chmod'));
  const checksum = stage.expand(flags.text('checksum'));
  const sources = written.flatMap((source) => (typeof source === 'string' ? [stage.expand(source)] : []));
  const target = stage.expand(destination);
  const files = written.flatMap((source): InlineFile[] => {
    if (typeof source === 'string') return [];
    const content = heredocText(source);
    return [{ path: source.name, content: source.expands ? stage.expandContent(content) : content }];
  });
  checkMode(chmod);
  checkSources(name, sources, checksum);
  if (from.kind === 'local')
    checkLeftOut(
      stage,
      name,
      sources.filter((source) => !isWeb(source) && !isGit(source) && isLeftOut(cleanPath(source))),
    );
  const step: CopyStep = {
    kind: name === 'ADD' ? 'add' : 'copy',
    from,
    sources,
    files,
    destination: destinationPath(stage.folder, target),
    chown,
    chmod,
    checksum,
    link: flags.isOn('link'),
    parents: flags.isOn('parents'),
    exclude: flags.texts('exclude'),
    keepsGitFolder: flags.isOn('keep-git-dir'),
    unpack: flags.has('unpack') ? flags.isOn('unpack') : null,
  };
  stage.addStep(step, stage.shownLine());
  const shown = [
    name,
    ...(step.parents ? ['--parents'] : []),
    ...(chown === '' ? [] : [`--chown=${chown}`]),
    ...(chmod === '' ? [] : [`--chmod=${chmod}`]),
    ...sources,
    ...files.map(({ path }) => `<<${path}`),
    target,
  ];
  stage.commit(`${shown.join(' ')} # buildkit`, true);
}

/** "u=rwX,go+r" (dchapes-mode); what stands behind who is any number of changes. */
const letters = /^[augo]*(?:[-+=](?:[rwxXst]*|[ugo]))+$/;

function checkMode(mode: string): void {
  if (mode === '') return;
  if (/^\d/.test(mode)) {
    if (/^[0-7]+$/.test(mode) && Number.parseInt(mode, 8) <= 0o7777) return;
    throw invalid(`invalid chmod parameter: '${mode}'. it should be octal string and between 0 and 07777`);
  }
  if (!mode.split(',').every((clause) => letters.test(clause))) throw invalid('invalid syntax');
}

function checkSources(name: 'ADD' | 'COPY', sources: readonly string[], checksum: string): void {
  const [first = ''] = sources;
  if (checksum !== '') {
    if (sources.length !== 1) throw invalid("checksum can't be specified for multiple sources");
    if (!isWeb(first) && !isGit(first)) throw invalid('checksum requires HTTP(S) or Git sources');
  }
  for (const source of sources) {
    if (isGit(source)) {
      if (name === 'COPY') throw invalid("source can't be a git ref for COPY");
    } else if (isWeb(source)) {
      if (name === 'COPY') throw invalid("source can't be a URL for COPY");
      if (checksum !== '') parseDigest(checksum);
    }
  }
}

/** CopyIgnoredFile. */
function checkLeftOut({ linter, lines }: StageBuilder, name: 'ADD' | 'COPY', sources: readonly string[]): void {
  const verb = name === 'ADD' ? 'Add' : 'Copy';
  for (const source of sources)
    linter.warn('CopyIgnoredFile', lines, `Attempting to ${verb} file "${cleanPath(source)}" that is excluded by .dockerignore`);
}

function isWeb(source: string): boolean {
  return /^https?:\/\//.test(source);
}

/** An address of a repository: by its scheme, as ssh's "git@host:path", or by the end of its path (moby/buildkit: util/gitutil). */
export function isGit(source: string): boolean {
  if (/^(?:git|ssh):\/\//.test(source)) return true;
  if (isWeb(source)) return (source.split(/[?#]/, 1)[0] ?? '').endsWith('.git');
  return /^git@[\w.-]+:[^/]/.test(source);
}

function invalid(message: string): AppError {
  return new AppError('invalid', message);
}
