import { expect, test } from 'vitest';
import { createPipe } from '../base/streams.ts';
import { utf8 } from '../base/bytes.ts';
import type { GuestChannel } from '../guest/channel.ts';
import type { GuestProcess } from '../guest/process.ts';
import { GuestProcesses } from '../guest/processes.ts';
import { RestoredStreams } from '../guest/restored.ts';
import { duplexOverPort } from '../protocol/port-stream.ts';
import { Terminals } from './terminals.ts';

/** A guest that has one shell, which prints without end and counts its hang-ups. */
function chattyGuest() {
  const output = createPipe(1024);
  let hangUps = 0;
  const shell: GuestProcess = {
    handle: 1,
    pid: 2,
    stdin: createPipe().sink,
    stdout: output.source,
    stderr: null,
    resize: () => undefined,
    exited: new Promise(() => undefined),
    oom: () => ({ dispose: () => undefined }),
    hangUp() {
      hangUps += 1;
      output.sink.abort();
    },
  };
  const print = async (): Promise<void> => {
    for (;;) await output.sink.write(utf8('y\n'));
  };
  print().catch(() => undefined);
  class OneShell extends GuestProcesses {
    override exec(): Promise<GuestProcess> {
      return Promise.resolve(shell);
    }
  }
  const channel: GuestChannel = {
    open: () => {
      throw new Error('nothing else is asked of this guest');
    },
    onOpen: () => ({ dispose: () => undefined }),
    takeRestored: () => [],
  };
  return { processes: new OneShell(channel, new RestoredStreams(channel)), hangUps: () => hangUps };
}

test('a shell whose reader goes away in the midst of its output is hung up', async () => {
  const { processes, hangUps } = chattyGuest();
  const { port1, port2 } = new MessageChannel();
  const terminals = new Terminals(
    () => processes,
    () => [port1, port2],
  );
  const page = duplexOverPort((await terminals.open({ rows: 24, columns: 80 })).port);
  await page.source.read();
  page.source.cancel();
  await expect.poll(hangUps).toBeGreaterThan(0);
});
