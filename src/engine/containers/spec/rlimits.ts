import { ownValue } from '../../../base/record.ts';
import type { Integer } from '../../../grammar/strconv.ts';
import type { HostConfig } from '../../../protocol/engine-api.ts';
import type { AgentRecordInput } from '../../../protocol/agent.ts';
import { runcRefuses } from './runc-words.ts';

/** RLIMIT_* of setrlimit(2) on i386, by the names of `docker run --ulimit`. */
const resources: Readonly<Record<string, number>> = {
  cpu: 0,
  fsize: 1,
  data: 2,
  stack: 3,
  core: 4,
  rss: 5,
  nproc: 6,
  nofile: 7,
  memlock: 8,
  as: 9,
  locks: 10,
  sigpending: 11,
  msgqueue: 12,
  nice: 13,
  rtprio: 14,
  rttime: 15,
};

/** Names are looked at when a container starts. @throws AppError internal, in runc's words */
export function rlimits(ulimits: HostConfig['Ulimits']): AgentRecordInput<'rlimit'>[] {
  return (ulimits ?? []).map(({ Name: name, Soft: soft, Hard: hard }) => {
    const resource = ownValue(resources, name.toLowerCase());
    if (resource === undefined) throw runcRefuses(`wrong rlimit value: RLIMIT_${name.toUpperCase()}`);
    return { resource, soft: limit(soft), hard: limit(hard) };
  });
}

/** As Go makes a uint64 of an int64: -1 is RLIM64_INFINITY. */
function limit(value: Integer): bigint {
  return BigInt.asUintN(64, BigInt(value));
}
