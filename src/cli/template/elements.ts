import { sortedEntries, sprint } from './print.ts';
import { intValue, stringValue, type Value } from './value.ts';

/** What {{range}} goes over, one after the other: a number is not made a list first. @param failure makes the error of what has no elements */
export function elementsOf(value: Value, failure: (words: string) => Error): Iterable<readonly [key: Value, element: Value]> {
  switch (value.kind) {
    case 'slice':
      return mapped((value.items ?? []).entries(), ([index, item]) => [intValue(index), item] as const);
    case 'map':
      return mapped(sortedEntries(value.entries), ([key, item]) => [stringValue(key), item] as const);
    case 'int':
      return mapped(upTo(value.value), (index) => [intValue(index), intValue(index)] as const);
    case 'invalid':
      return [];
    default:
      throw failure(`range can't iterate over ${sprint(value)}`);
  }
}

function* mapped<From, To>(items: Iterable<From>, change: (item: From) => To): Generator<To, void> {
  for (const item of items) yield change(item);
}

function* upTo(end: bigint): Generator<bigint, void> {
  for (let index = 0n; index < end; index++) yield index;
}
