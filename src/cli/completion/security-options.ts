import { directives, names, type Completer, type Completion } from './completion.ts';

const labels = ['label=disable', 'label=level:', 'label=role:', 'label=type:', 'label=user:'];

/** `--security-opt` (docker/cli, completeSecurityOpt). */
export const securityOptions: Completer = ({ typed }) => Promise.resolve(securityOptionsFor(typed));

function securityOptionsFor(typed: string): Completion {
  if (typed.startsWith('label=d')) return names(['label=disable']);
  if (typed.startsWith('label=')) return names(labels, directives.noSpace | directives.noFiles);
  if (typed.startsWith('seccomp=')) return names(['seccomp=unconfined']);
  // One letter is enough for those; an `s` is the beginning of two.
  const begun = ['apparmor=', 'label=', 'seccomp='].find((option) => typed !== '' && typed !== 's' && option.startsWith(typed));
  if (begun !== undefined) return names([begun], directives.noSpace);
  return names(['apparmor=', 'label=', 'no-new-privileges', 'seccomp=', 'systempaths=unconfined']);
}
