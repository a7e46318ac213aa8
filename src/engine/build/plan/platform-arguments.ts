import { platformText } from '../../images/platform.ts';
import type { PlanOptions } from './model.ts';

/** What every FROM may use, and a stage by naming it in an ARG (moby/buildkit: dockerfile2llb, defaultArgs). */
export function platformArguments({
  buildPlatform,
  targetPlatform,
  buildArgs,
  target,
}: PlanOptions): readonly (readonly [string, string])[] {
  const values: readonly (readonly [string, string])[] = [
    ['BUILDPLATFORM', platformText(buildPlatform)],
    ['BUILDOS', buildPlatform.os],
    ['BUILDOSVERSION', ''],
    ['BUILDARCH', buildPlatform.architecture],
    ['BUILDVARIANT', buildPlatform.variant ?? ''],
    ['TARGETPLATFORM', platformText(targetPlatform)],
    ['TARGETOS', targetPlatform.os],
    ['TARGETOSVERSION', ''],
    ['TARGETARCH', targetPlatform.architecture],
    ['TARGETVARIANT', targetPlatform.variant ?? ''],
    ['TARGETSTAGE', target === '' ? 'default' : target],
  ];
  return values.map(([name, value]) => [name, buildArgs.get(name) ?? value]);
}

const proxies = /^(?:https?|ftp|no|all)_proxy$/i;

/** For every RUN, whether declared or not: both cases of each name. */
export function proxyVariables(buildArgs: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  const found = [...buildArgs].filter(([name]) => proxies.test(name));
  return new Map(found.flatMap(([name, value]) => [name.toUpperCase(), name.toLowerCase()].map((each) => [each, value] as const)));
}

export function isProxy(name: string): boolean {
  return proxies.test(name);
}
