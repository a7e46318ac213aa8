import { createHash } from 'node:crypto';
import type { OracleCase } from './cases.ts';

/** In the store as `docker context create` leaves them there. */
const made: Readonly<Record<string, string>> = Object.fromEntries(
  [
    '{"Name":"near","Metadata":{"Description":"hello you"},"Endpoints":{"docker":{"Host":"unix:///var/run/docker.sock","SkipTLSVerify":false}}}',
    '{"Name":"far","Metadata":{"Description":"far \\u003caway\\u003e"},"Endpoints":{"docker":{"Host":"tcp://127.0.0.1:1","SkipTLSVerify":true}}}',
    '{"Name":"shell","Metadata":{},"Endpoints":{"docker":{"Host":"ssh://me@server","SkipTLSVerify":false}}}',
    '{"Name":"bare","Metadata":{},"Endpoints":{"docker":{"SkipTLSVerify":true}}}',
  ].map((text) => {
    const name = /"Name":"(\w+)"/.exec(text)?.[1] ?? '';
    return [`contexts/meta/${createHash('sha256').update(name).digest('hex')}/meta.json`, text];
  }),
);

const lines = (text: string): readonly (readonly string[])[] =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .map((line) => [...line.matchAll(/'([^']*)'|(\S+)/g)].map((match) => match[1] ?? match[2] ?? ''));

const own = { DOCKER_HOST: '' };

const alone = lines(`
  context create
  context create a
  context create ''
  context create default
  context create 'a b'
  context create aa
  context create aa --description said
  context create aa bb
  context create near --docker host=tcp://h:1
  context create aa --from near
  context create aa --from near --description other
  context create aa --from far
  context create aa --from default
  context create aa --from none
  context create aa --from near --docker host=tcp://h:1
  context create aa --docker from=far
  context create aa --docker from=none
  context create aa --docker from=far,host=tcp://h:1
  context create aa --docker ''
  context create aa --docker host
  context create aa --docker host=
  context create aa --docker host=foo
  context create aa --docker host=h:2375
  context create aa --docker host=/var/run/docker.sock
  context create aa --docker host=tcp://
  context create aa --docker host=tcp://h
  context create aa --docker host=tcp://h:port
  context create aa --docker 'host=tcp://a b:1'
  context create aa --docker host=tcp://[::1
  context create aa --docker host=://x
  context create aa --docker host=unix://
  context create aa --docker host=npipe:////./pipe/x
  context create aa --docker host=fd://x
  context create aa --docker host=http://h:1
  context create aa --docker host=ssh://
  context create aa --docker host=ssh://u@
  context create aa --docker host=ssh://u:secret@h
  context create aa --docker host=ssh://h/path
  context create aa --docker 'host=ssh://h?x=1'
  context create aa --docker host=ssh://h#f
  context create aa --docker host=tcp://h:1 --docker skip-tls-verify=1
  context create aa --docker host=tcp://h:1 --docker host=tcp://i:1
  context create aa --docker host=tcp://h=1
  context create aa --docker host=tcp://h:1,skip-tls-verify=maybe
  context create aa --docker skip-tls-verify=
  context create aa --docker host=tcp://h:1,bogus=1
  context create aa --docker HOST=tcp://h:1
  context create aa --docker host=tcp://h:1,ca=nofile
  context create aa --docker host=tcp://h:1,cert=c,key=k
  context ls
  context list -q
  context ls --quiet --format json
  context ls --format json
  context ls --format '{{.Name}} {{.Description}} {{.DockerEndpoint}} {{.Current}} {{.Error}}|'
  context ls --format 'table {{.Name}}\\t{{.Current}}'
  context ls --format 'table {{.Description}}'
  context ls --format table
  context ls --format '{{.Nope}}'
  context ls --format '{{'
  context ls x
  -c far context ls
  -c none context ls
  --context none context show
  -c far context show
  -c far context inspect --format '{{.Name}}'
  context inspect
  context inspect near shell
  context inspect far none
  context inspect bare
  context inspect -f '{{.Name}} {{.Endpoints.docker.Host}} {{.Endpoints.docker.SkipTLSVerify}} {{.TLSMaterial}}' far near
  context inspect -f '{{.Metadata}} {{.Endpoints}}' far
  context inspect -f '{{.Metadata.Metadata.Description}} {{.Storage}}' far
  context inspect -f '{{json .}}' near
  context inspect -f json near shell
  context inspect -f '{{.Nope}}' near far
  context inspect -f '{{'
  context inspect ''
  context use near
  context use far
  context use default
  context use none
  context use ''
  context use 'a b'
  context use
  context use near far
  context show
  context show x
  context update
  context update near
  context update near --description other
  context update near --docker host=tcp://h:2
  context update near --docker from=shell
  context update near --docker bogus=1
  context update near --docker host=foo
  context update none --docker host=tcp://h:1
  context update default --description x
  context update ''
  context rm near
  context rm near none default far
  context rm -f none
  context remove --force near
  context rm
  context rm default
  context export
  context export near - x
  context export none
  context export near /nowhere/x
  context export near
  context export near out.tar
  context export default out.tar
  context import
  context import near nofile
  context import aa nofile
  context import default nofile
  context import 'a b' nofile
  -c far ps
  -c none ps
  -c none version
  -H tcp://127.0.0.1:1 -c far ps
  -H tcp://127.0.0.1:1 context ls
  -H tcp://127.0.0.1:1 context show
  -H tcp://127.0.0.1:1 context inspect
  -H tcp://127.0.0.1:1 context use far
  --config other context ls -q
  context
  context bogus
`).map((argv): OracleCase => ({ argv, files: made, env: own }));

/** Once `far` is in use. */
const away = lines(`
  context ls
  context show
  context inspect
  context use far
  context use default
  context rm far
  context rm far near
  context rm -f far
  context create aa
  context update far --description new
  ps
  -c near context show
  -c default context show
  info --format '{{.ClientInfo.Context}}'
  version --format '{{.Client.Context}}'
`).map((argv): OracleCase => ({
  argv,
  files: { ...made, 'config.json': '{"auths":{},"currentContext":"far"}' },
  env: own,
}));

const afterwards = [
  ['update near --docker host=tcp://h:2', 'inspect near'],
  ['update near --description other', 'inspect near'],
  ['update far --docker host=tcp://h:2', 'inspect far'],
  ['create aa --from far', 'inspect aa'],
  ['create aa --docker from=far', 'inspect aa'],
  ['create aa --docker host=tcp://h:1,skip-tls-verify=1', 'inspect aa'],
  ['use far', 'show'],
  ['rm near', 'ls -q'],
  ['export far out.tar', 'import aa out.tar'],
  ['export far out.tar', 'export near out.tar'],
].map(([first = '', then = '']): OracleCase => {
  const [before = [], argv = []] = lines(`context ${first}\ncontext ${then}`);
  return { argv, before: [before], files: made, env: own };
});

/** A variable says which engine it is. */
const told = [
  { DOCKER_HOST: 'tcp://127.0.0.1:1' },
  { DOCKER_HOST: 'tcp://127.0.0.1:1', DOCKER_CONTEXT: 'near' },
  { DOCKER_HOST: '', DOCKER_CONTEXT: 'far' },
  { DOCKER_HOST: '', DOCKER_CONTEXT: 'none' },
].flatMap((env) =>
  lines(`
    context ls
    context show
    context inspect
    context use far
    context use default
    -c shell context show
    -c near context ls
    ps
  `).map((argv): OracleCase => ({ argv, files: made, env })),
);

const ofFiles = lines(`
  context ls -q
  context show
  context use near
`).flatMap((argv) =>
  ['', '\n', '{}', '{"currentContext":"far","psFormat":"{{.ID}}"}'].map((text): OracleCase => ({
    argv,
    env: own,
    files: { ...made, 'config.json': text },
  })),
);

export const contextCases: readonly OracleCase[] = [...alone, ...away, ...afterwards, ...told, ...ofFiles];
