import { hubAddress } from '../client/registry-auth.ts';
import type { Command } from '../command.ts';
import { hostOfAddress } from '../contexts/config-file.ts';
import { full } from '../flags/support.ts';

export const logout: Command = {
  use: 'logout [SERVER]',
  short: 'Log out from a registry',
  long: 'Log out from a registry.\nIf no server is specified, the default is defined by the daemon.',
  arity: { rule: 'atMost', count: 1 },
  support: full,
  setup:
    () =>
    async (context, [server = '']) => {
      const host = server === '' ? hubAddress : hostOfAddress(server);
      await context.out(`Removing login credentials for ${host}\n`);
      const addresses = server === '' ? [host] : [server, host, `http://${host}`, `https://${host}`];
      await context.contexts.config.eraseCredentials(addresses);
    },
};
