import { emptySource, sourceOf } from '../../../src/base/streams.ts';
import { fromUtf8, utf8 } from '../../../src/base/bytes.ts';
import { testClient } from '../client.ts';
import { askAll, type Answers } from './ask.ts';

/** What our API answers, over a host in memory. */
export async function askOurs(): Promise<Answers> {
  const { api, call } = testClient();
  await call('POST', '/images/create?fromImage=busybox&tag=latest');
  return askAll(async ({ method, target, body, raw, headers }) => {
    const payload = raw ?? (body === undefined ? undefined : JSON.stringify(body));
    const gone = new AbortController();
    const bytes = utf8(payload ?? '');
    const response = await api({
      method,
      target,
      headers: {
        ...(payload === undefined ? {} : { 'content-type': 'application/json', 'content-length': String(bytes.length) }),
        ...headers,
      },
      body: bytes.length === 0 ? emptySource() : sourceOf(bytes),
      transport: 'cli',
      signal: gone.signal,
    });
    const text = method !== 'HEAD' && response.body instanceof Uint8Array ? fromUtf8(response.body) : '';
    // What streams is left, but for the end of a container, which is waited for.
    if (target.endsWith('/wait') && response.body !== null && !(response.body instanceof Uint8Array)) await response.body.read();
    gone.abort();
    return { status: response.status, text };
  });
}
