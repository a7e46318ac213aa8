import { apiVersion, minApiVersion, type SystemVersion } from '../../protocol/engine-api.ts';
import type { GuestFacts } from '../runtime.ts';
import { readHostFacts } from './host-facts.ts';

/** Of this engine; it is not Docker's. */
export const engineVersion = '0.1.0';

/** GOARCH of i386, which is what clients compare. */
export const architecture = '386';

/** GET /version. Fields that only a Go program has are empty. */
export async function systemVersion(facts: GuestFacts): Promise<SystemVersion> {
  const { kernelVersion } = await readHostFacts(facts);
  const common = {
    ApiVersion: apiVersion,
    MinAPIVersion: minApiVersion,
    GitCommit: '',
    GoVersion: '',
    Os: 'linux',
    Arch: architecture,
    KernelVersion: kernelVersion,
    BuildTime: '',
  };
  return {
    Platform: { Name: 'Drydock' },
    Components: [{ Name: 'Engine', Version: engineVersion, Details: { ...common, Experimental: 'false' } }],
    Version: engineVersion,
    ...common,
  };
}
