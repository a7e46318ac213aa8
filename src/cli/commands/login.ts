import { fromUtf8 } from '../../base/bytes.ts';
import { readAll } from '../../base/streams.ts';
import { ask, askHidden } from '../client/prompt.ts';
import { authConfig, hubAddress } from '../client/registry-auth.ts';
import type { Command } from '../command.ts';
import { hostOfAddress, type Credentials } from '../contexts/config-file.ts';
import type { CliContext } from '../context.ts';
import { messageOf, StatusError } from '../errors.ts';
import { full } from '../flags/support.ts';

const longestPassword = 64 * 1024;

const hubNote =
  'This signs in to the hub of this playground, not to Docker Hub: any name with a password of eight characters\n' +
  'or more makes an account. Use no real password.\n';

interface Given {
  readonly username: string;
  readonly password: string;
}

/** docker/cli: cli/command/registry/login.go. */
export const login: Command = {
  use: 'login [OPTIONS] [SERVER]',
  short: 'Authenticate to a registry',
  long: 'Authenticate to a registry.\nDefaults to Docker Hub if no server is specified.',
  arity: { rule: 'atMost', count: 1 },
  support: full,
  setup(flags) {
    const user = flags.string('username', 'u', 'Username', full);
    const password = flags.string('password', 'p', 'Password or Personal Access Token (PAT)', full);
    const fromStdin = flags.bool('password-stdin', '', 'Take the Password or Personal Access Token (PAT) from stdin', full);
    return async (context, [server = '']) => {
      if (fromStdin.changed && password.changed)
        throw new StatusError(1, 'conflicting options: cannot specify both --password and --password-stdin');
      if (fromStdin.changed && !user.changed) throw new StatusError(1, 'the --password-stdin option requires --username to be set');
      if (user.changed && user.value === '') throw new StatusError(1, 'username is empty');
      if (password.changed && password.value === '') throw new StatusError(1, 'password is empty');
      if (password.value !== '') await context.err('WARNING! Using --password via the CLI is insecure. Use --password-stdin.\n');
      const given = { username: user.value, password: fromStdin.value ? await passwordOf(context) : password.value };
      const address = server === '' || server === 'docker.io' ? hubAddress : hostOfAddress(server);
      await context.out(`${await logIn(context, address, given)}\n`);
    };
  },
};

async function passwordOf({ session }: CliContext): Promise<string> {
  return fromUtf8(await readAll(session.stdin.source, longestPassword)).replace(/(?:\r\n|\n|\r)$/, '');
}

/** @returns what the daemon says */
async function logIn(context: CliContext, address: string, given: Given): Promise<string> {
  const kept = given.username === '' && given.password === '' ? await context.contexts.config.credentials(address) : null;
  if (kept !== null && kept.username !== '' && kept.password !== '') {
    const status = await withKept(context, { ...kept, address });
    if (status !== null) return status;
  }
  checkInteractive(context, given);
  if (address === hubAddress) await context.err(hubNote);
  const asked = await complete(context, given, kept?.username ?? '');
  return authenticate(context, { address, ...asked });
}

/** null: they are not taken any more. */
async function withKept(context: CliContext, kept: Credentials): Promise<string | null> {
  await context.err(
    `Authenticating with existing credentials... [Username: ${kept.username}]\n\n` +
      " Info -> To login with a different account, run 'docker logout' followed by 'docker login'\n\n\n",
  );
  try {
    return await authenticate(context, kept);
  } catch (error) {
    await context.err(`Login did not succeed, error: ${messageOf(error)}\n`);
    return null;
  }
}

function checkInteractive({ session }: CliContext, { username, password }: Given): void {
  if ((username.trim() === '' || password.trim() === '') && !session.stdin.isTty)
    throw new StatusError(1, 'Error: Cannot perform an interactive login from a non TTY device');
}

async function complete(context: CliContext, { username, password }: Given, usual: string): Promise<Given> {
  const name = username.trim() || (await ask(context, usual === '' ? 'Username: ' : `Username (${usual}): `)).trim() || usual;
  if (name === '') throw new StatusError(1, 'Error: Non-null Username Required');
  const secret = password.trim() || (await askHidden(context, 'Password: ')).trim();
  if (secret === '') throw new StatusError(1, 'Error: Password Required');
  return { username: name, password: secret };
}

async function authenticate(context: CliContext, credentials: Credentials): Promise<string> {
  const answer = await context.client.post('/auth', {}, authConfig(credentials));
  const { config } = context.contexts;
  if (await config.storeCredentials(credentials))
    await context.err(
      `\nWARNING! Your credentials are stored unencrypted in '${config.path}'.\n` +
        'Configure a credential helper to remove this warning. See\nhttps://docs.docker.com/go/credential-store/\n\n',
    );
  return answer.string('Status');
}
