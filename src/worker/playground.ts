import { AppError } from '../base/errors.ts';
import { parseRelayAddress } from '../grammar/relay-address.ts';
import type { Playground, PlaygroundOutside } from '../protocol/playground.ts';
import { WatchedLog } from './feed/watched-log.ts';
import { Files } from './files.ts';
import type { Host } from './host.ts';
import { Lifecycle } from './lifecycle.ts';
import { Lines } from './lines.ts';
import type { Platform } from './platform.ts';
import { Ports } from './ports.ts';
import { Terminals } from './terminals.ts';

/** One guest with its engine, and what may be asked of them; in a worker behind a bridge, in Node as it is. */
export class LocalPlayground implements Playground {
  readonly lifecycle: Lifecycle;
  readonly terminals: Terminals;
  readonly lines: Lines;
  readonly files: Files;
  readonly ports: Ports;
  readonly outside: PlaygroundOutside;
  readonly log = new WatchedLog();

  constructor(platform: Platform) {
    this.lifecycle = new Lifecycle(platform);
    const host = (): Host => this.lifecycle.host;
    this.terminals = new Terminals(
      () => host().guest.processes,
      () => platform.createPorts(),
    );
    this.lines = new Lines(() => host().guest.processes);
    this.files = new Files(host);
    this.ports = new Ports(
      () => host().guest.sockets,
      () => platform.createPorts(),
    );
    this.outside = outsideOf(platform);
    this.lifecycle.onStarted((started) => this.log.follow(started));
    this.lifecycle.onEnding(() => {
      this.terminals.closeAll();
      this.lines.abortAll();
      this.ports.abortAll();
    });
  }

  /** For whoever runs in this process: the engine's API, the machine. */
  get host(): Host {
    return this.lifecycle.host;
  }

  async dispose(): Promise<void> {
    this.log.dispose();
    await this.lifecycle.dispose();
  }
}

function outsideOf(platform: Platform): PlaygroundOutside {
  return {
    async use({ relay }) {
      const url = relay === '' ? null : parseRelayAddress(relay);
      if (relay !== '' && url === null) throw new AppError('invalid', `${relay} is not the address of a wisp relay`);
      platform.useRelay?.(url);
    },
  };
}
