import { docker } from '../../../src/cli/testing/fake-session.ts';
import { cliEngine } from '../engine.ts';
import type { OracleCase, Outcome } from './cases.ts';
import { requestsOf } from './real-docker.ts';

/** What our client does with a case. */
export async function runOurs(test: OracleCase): Promise<Outcome> {
  const engine = await cliEngine(test.engine);
  const env = { HOME: '/root', DOCKER_CONFIG: '/root', FROM_HERE: 'yes', ...test.env };
  const files = new Map(
    Object.entries(test.files ?? {}).flatMap(
      ([name, text]) =>
        [
          [name, text],
          [`/root/${name}`, text],
        ] as const,
    ),
  );
  for (const before of test.before ?? []) await docker(engine.handler, before, { env, files, stdin: '' });
  engine.requests.length = 0;
  const result = await docker(engine.handler, test.argv, { env, files, stdin: test.stdin ?? '' });
  return { ...result, requests: requestsOf(engine) };
}
