import { registryAuth } from '../client/registry-auth.ts';
import type { CliContext } from '../context.ts';
import { showProgress } from '../format/progress.ts';
import { fullName, type Reference } from '../../grammar/reference.ts';

export interface PullOptions {
  readonly reference: Reference;
  readonly platform: string;
  readonly quiet: boolean;
  /** Where the progress is shown. */
  readonly progress: 'stdout' | 'stderr';
  /** Every tag of the repository. */
  readonly allTags?: boolean;
}

/** POST /images/create, shown as it goes. Rejects with what went wrong on the way. */
export async function pullImage(context: CliContext, options: PullOptions): Promise<void> {
  const { reference, platform } = options;
  const tag = options.allTags === true ? undefined : (reference.digest ?? reference.tag ?? undefined);
  const query = { fromImage: fullName(reference), tag, platform: platform.toLowerCase() || undefined };
  const headers = await registryAuth(context, reference.domain);
  const messages = context.client.jsonStream('POST', '/images/create', { query, headers });
  await showProgress(context, messages, options.quiet ? null : options.progress);
}
