import type { Flag, FlagSet } from './flags/flag-set.ts';
import { full, none, partial } from './flags/support.ts';

export interface GlobalFlags {
  readonly version: Flag<boolean>;
  readonly hosts: Flag<readonly string[]>;
  readonly config: Flag<string>;
  readonly context: Flag<string>;
  readonly logLevel: Flag<string>;
}

/** The flags before the command. */
export function declareGlobalFlags(flags: FlagSet): GlobalFlags {
  const noTls = none('the engine is in the same tab; there is no connection to encrypt');
  const noDebug = partial('accepted; this client writes no debug log');
  const config = flags.string(
    'config',
    '',
    'Location of client config files',
    partial('contexts are kept there; of config.json only the current context is read'),
    '/root/.docker',
  );
  const context = flags.string(
    'context',
    'c',
    'Name of the context to use to connect to the daemon (overrides DOCKER_HOST env var and default context set with "docker context use")',
    full,
  );
  flags.bool('debug', 'D', 'Enable debug mode', noDebug);
  const hosts = flags.list('host', 'H', 'Daemon socket to connect to', partial('only unix:///var/run/docker.sock answers'));
  const logLevel = flags.string('log-level', 'l', 'Set the logging level ("debug", "info", "warn", "error", "fatal")', noDebug, 'info');
  flags.bool('tls', '', 'Use TLS; implied by --tlsverify', noTls);
  flags.string('tlscacert', '', 'Trust certs signed only by this CA', noTls);
  flags.string('tlscert', '', 'Path to TLS certificate file', noTls);
  flags.string('tlskey', '', 'Path to TLS key file', noTls);
  flags.bool('tlsverify', '', 'Use TLS and verify the remote', noTls);
  return { hosts, config, context, logLevel, version: flags.bool('version', 'v', 'Print version information and quit', full) };
}
