import { expect, test } from 'vitest';
import { portsIn, throughBridge } from './bridge.ts';

/** Its calls need the group itself. */
class Counter {
  #count = 0;
  add(by: number): Promise<number> {
    this.#count += by;
    return Promise.resolve(this.#count);
  }
}

test('every call of every group goes through, on its group, with its arguments', async () => {
  const made: (readonly unknown[])[] = [];
  const groups = throughBridge({ one: new Counter(), two: new Counter() }, (call, args) => {
    made.push(args);
    return call(args);
  });
  await groups.one.add(2);
  expect([await groups.one.add(3), await groups.two.add(4)]).toEqual([5, 4]);
  expect(made).toEqual([[2], [3], [4]]);
});

test('arguments and answers may be others', async () => {
  const groups = throughBridge({ one: new Counter() }, async (call) => ((await call([20])) === 20 ? 42 : 0));
  expect(await groups.one.add(1)).toBe(42);
});

test('groups are not taken for promises, and what is no call is not there', async () => {
  const groups = throughBridge({ one: new Counter(), name: 'x' }, (call, args) => call(args));
  const awaited = await Promise.resolve(groups.one);
  expect(await awaited.add(1)).toBe(1);
  expect(Reflect.get(groups.one, 'missing')).toBe(undefined);
  expect(groups.name).toBe(undefined);
});

test('the ports of an answer are found, and nothing else is one', () => {
  const { port1, port2 } = new MessageChannel();
  expect(portsIn({ id: 1, port: port1, other: port2 })).toEqual([port1, port2]);
  expect(portsIn(port1)).toEqual([port1]);
  for (const answer of [undefined, null, 7, 'port', [1], { port: { postMessage: 1 } }]) expect(portsIn(answer)).toEqual([]);
  port1.close();
  port2.close();
});
