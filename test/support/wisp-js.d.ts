declare module '@mercuryworkshop/wisp-js/server' {
  import type { IncomingMessage } from 'node:http';
  import type { Duplex } from 'node:stream';

  export const server: {
    routeRequest(request: IncomingMessage, socket: Duplex, head: Buffer): void;
    readonly options: {
      allow_loopback_ips: boolean;
      dns_method: 'lookup' | 'resolve' | ((hostname: string) => Promise<string>);
      port_blacklist: readonly number[] | null;
    };
  };
  export const logging: { readonly NONE: number; set_level(level: number): void };
}
