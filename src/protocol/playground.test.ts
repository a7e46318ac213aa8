import { expose, transferHandlers, wrap } from 'comlink';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { AppError } from '../base/errors.ts';
import { errorFromWire, errorToWire, keepErrorsWhole } from './playground.ts';

describe('an error across a port', () => {
  const original = transferHandlers.get('throw');
  const { port1, port2 } = new MessageChannel();
  beforeEach(() => keepErrorsWhole(transferHandlers));
  afterEach(() => {
    if (original !== undefined) transferHandlers.set('throw', original);
    port1.close();
    port2.close();
  });

  test('keeps kind, message and detail through comlink', async () => {
    const owner = {
      fail(): never {
        throw new AppError('conflict', 'the container name "/web" is already in use', { detail: { name: 'web', status: 409 } });
      },
      stumble(): never {
        throw new TypeError('undefined is not a function');
      },
    };
    port1.start();
    port2.start();
    expose(owner, port1);
    const remote = wrap<typeof owner>(port2);
    await expect(remote.fail()).rejects.toMatchObject({ name: 'AppError', kind: 'conflict', detail: { name: 'web', status: 409 } });
    await expect(remote.stumble()).rejects.toMatchObject({ kind: 'internal', message: 'undefined is not a function' });
  });

  test('of a kind that is not known here is internal', () => {
    const wire = { ...errorToWire(new AppError('not_found', 'gone')), kind: JSON.parse('"new_kind"') };
    expect(errorFromWire(wire)).toMatchObject({ kind: 'internal', message: 'gone' });
  });
});
