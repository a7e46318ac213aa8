import { serve } from '../api/http1.ts';
import { toAppError } from '../base/errors.ts';
import { runDocker } from '../cli/run-docker.ts';
import type { GuestChannel, IncomingGuestStream } from '../guest/channel.ts';
import { encodeRecord } from '../protocol/agent-codec.ts';
import { agentKind, lane } from '../protocol/agent.ts';
import type { HttpHandler } from '../protocol/http.ts';
import { DisposableStore, type Disposable } from '../base/disposable.ts';
import { utf8 } from '../base/bytes.ts';
import { cliSession } from './cli-session.ts';

/** Docker's exit status for an error of the command itself. */
const clientError = 125;

/** Answers what the guest's agent opens: executions of `docker`, connections to /var/run/docker.sock. */
export function serveGuest(channel: GuestChannel, api: HttpHandler): Disposable {
  const store = new DisposableStore();
  store.add(channel.onOpen(agentKind.cli, (stream) => void serveCli(stream, channel, api)));
  store.add(channel.onOpen(agentKind.socket, (stream) => void serveSocket(stream, api)));
  return store;
}

async function serveCli(stream: IncomingGuestStream, channel: GuestChannel, api: HttpHandler): Promise<void> {
  stream.closed.catch(() => undefined);
  stream.reply(encodeRecord('empty', {}));
  const { session, end } = cliSession(stream, channel, api);
  // A client that was killed, or whose terminal is gone.
  stream.closed.then(end, end);
  let code: number;
  try {
    code = await runDocker(session);
  } catch (thrown) {
    const { message, kind } = toAppError(thrown);
    if (kind !== 'cancelled') await session.stderr.sink.write(utf8(`docker: ${message}\n`)).catch(() => undefined);
    code = clientError;
  }
  end();
  session.stdin.source.cancel();
  await Promise.allSettled([session.stdout.sink.close(), session.stderr.sink.close()]);
  await stream.close(encodeRecord('cliExit', { code })).catch(() => undefined);
}

async function serveSocket(stream: IncomingGuestStream, api: HttpHandler): Promise<void> {
  stream.closed.catch(() => undefined);
  stream.reply(encodeRecord('empty', {}));
  await serve(stream.lane(lane.main), api, { transport: 'unix' });
  await stream.close(encodeRecord('empty', {})).catch(() => undefined);
}
