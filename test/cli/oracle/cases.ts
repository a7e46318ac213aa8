import type { CliEngineOptions } from '../engine.ts';
import type { Json } from '../../../src/cli/json.ts';
import { answers, nothingToPrune } from './answers.ts';
import { contextCases } from './context-cases.ts';
import { languageTemplates, typeTemplate } from './language.ts';

export interface OracleCase {
  readonly argv: readonly string[];
  /** Commands that run first, with the same client. */
  readonly before?: readonly (readonly string[])[];
  readonly stdin?: string;
  readonly files?: Readonly<Record<string, string>>;
  readonly engine?: CliEngineOptions;
  /** In place of what a client finds otherwise; DOCKER_HOST is the engine's, '' is none. */
  readonly env?: Readonly<Record<string, string>>;
}

/** What a client did. */
export interface Outcome {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly requests: readonly { readonly method: string; readonly target: string; readonly body: Json }[];
}

/** A line as a person would type it; single quotes only. */
export function words(line: string): readonly string[] {
  return [...line.matchAll(/'([^']*)'|(\S+)/g)].map((match) => match[1] ?? match[2] ?? '');
}

const plain = (lines: string, more: Omit<OracleCase, 'argv'> = {}): readonly OracleCase[] =>
  lines
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .map((line) => ({ argv: words(line), ...more }));

const withVolumes = {
  before: ['volume create --label a=b one', 'volume create two', 'run -d --name user -v two:/d busybox sleep'].map((line) => words(line)),
};
const running = { before: [words('run -d --name web busybox sleep')] };
const stopped = { before: [words('run --name old busybox echo a b c')] };
const canned = { engine: { answers } };
const inEachState = {
  engine: {
    answers: {
      'GET /containers/json': ['created', 'running', 'paused', 'restarting', 'removing', 'exited', 'dead'].map((State) => ({
        Id: State,
        Names: [`/${State}`],
        State,
      })),
    },
  },
};
/** What is asked before something is removed. */
const prunes = [
  'builder prune',
  'builder prune -a',
  'container prune',
  'image prune',
  'image prune -a',
  'network prune',
  'system prune',
  'volume prune',
  'volume prune -a',
];
const replies = ['y\n', 'Y', 'n\n', 'yes\n', ' y \n', '\n'];

/** Each is executed on the typed inspection of `web`, in one call. */
const templates = [
  '{{.Id}}',
  '{{.ID}}',
  '{{.Name}} {{.State.Status}} {{.State.Running}} {{.State.Pid}}',
  '{{.State}}',
  '{{.State.Foo}}',
  '{{.Foo}}',
  '{{.Foo.Bar}}',
  '{{.Extra}}',
  '{{.Extra.Deep}}',
  '{{index .Extra.Deep 2}}',
  '{{.State.Health}}',
  '{{.State.Health.Status}}',
  '{{if .State.Health}}y{{else}}n{{end}}',
  '{{.Config.Env}}',
  '{{index .Config.Env 0}}',
  '{{index .Config.Env 5}}',
  '{{.Config.Labels}}',
  '{{.Config.Labels.a}}',
  '{{.Config.Labels.nope}}',
  '{{index .Config.Labels "with.dot"}}',
  '{{index .Config.Labels "nope"}}',
  '{{.Config.ExposedPorts}}',
  '{{json .Config.ExposedPorts}}',
  '{{range .Config.Env}}[{{.}}]{{end}}',
  '{{range $i, $e := .Config.Env}}{{$i}}={{$e}};{{end}}',
  '{{range $k, $v := .Config.Labels}}{{$k}}:{{$v}} {{end}}',
  '{{range .ExecIDs}}x{{else}}none{{end}}',
  '{{range $p, $c := .NetworkSettings.Ports}}{{$p}} -> {{(index $c 0).HostPort}}{{end}}',
  '{{range $p, $c := .NetworkSettings.Ports}}{{if $c}}{{$p}} -> {{(index $c 0).HostPort}}{{end}}{{end}}',
  '{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}',
  '{{.NetworkSettings.IPAddress}}',
  '{{.NetworkSettings.Networks.bridge.IPAddress}}',
  '{{.NetworkSettings.Networks.nope}}',
  '{{.NetworkSettings.Networks.nope.IPAddress}}',
  '{{with .NetworkSettings.Networks.bridge}}{{.Gateway}}{{end}}',
  '{{.NetworkSettings.Ports}}',
  '{{json .NetworkSettings.Ports}}',
  '{{.HostConfig.Memory}} {{.HostConfig.NanoCPUs}} {{.HostConfig.NanoCpus}}',
  '{{.HostConfig.MemorySwappiness}}',
  '{{.HostConfig.OomKillDisable}}',
  '{{if .HostConfig.OomKillDisable}}set{{end}}',
  '{{.HostConfig.PortBindings}}',
  '{{json .HostConfig.PortBindings}}',
  '{{.HostConfig.RestartPolicy}}',
  '{{.HostConfig.RestartPolicy.Name}}',
  '{{.HostConfig.ConsoleSize}}',
  '{{.HostConfig.CapAdd}}',
  '{{.HostConfig.CapDrop}}',
  '{{json .HostConfig.CapDrop}}',
  '{{.HostConfig.LogConfig}}',
  '{{.HostConfig.Ulimits}}',
  '{{json .HostConfig.Ulimits}}',
  '{{.Mounts}}',
  '{{json .Mounts}}',
  '{{range .Mounts}}{{.Source}}:{{.Destination}}{{end}}',
  '{{.GraphDriver.Data}}',
  '{{.Config.Healthcheck}}',
  '{{.Config.Healthcheck.Interval}}',
  '{{json .Config.Healthcheck}}',
  '{{.Created}}',
  '{{json .State}}',
  '{{json .}}',
  '{{json .Config.Env}}',
  '{{json .Foo}}',
  '{{len .Config.Env}}',
  '{{len .Name}}',
  '{{len .State}}',
  '{{len .State.Pid}}',
  '{{join .Config.Env ", "}}',
  '{{join .Config.Labels ","}}',
  '{{join .Name ","}}',
  '{{split .Name "e"}}',
  '{{upper .Name}} {{lower "ABC"}} {{title "hello world"}}',
  '{{pad .Name 2 3}}|',
  '{{pad "" 2 3}}|',
  '{{truncate .Id 5}}',
  '{{truncate .Id 500}}',
  '{{println .Name 1}}',
  '{{print .Name 1 2 "x" "y" 3}}',
  '{{printf "%s-%d-%q-%v-%5d|%-5d|%05d" .Name 5 "q" true 7 8 9}}',
  '{{printf "%d" .Name}}',
  '{{printf "%s" 5}}',
  '{{printf "%s"}}',
  '{{printf "%s" 1 2}}',
  '{{printf "%T" .State.Pid}}',
  '{{printf "%x" "hi"}}',
  '{{printf "%.2f" 1.5}}',
  '{{printf "%5.1f|" 3.14159}}',
  '{{printf "%t" true}}',
  '{{printf "%v" .Config.Env}}',
  '{{printf "%q" .Config.Env}}',
  '{{printf "%s" .Config.Labels}}',
  '{{printf "%%"}}',
  '{{printf "%!"}}',
  '{{printf "%.3s" .Id}}',
  '{{printf "%-12.8s|" .Id}}',
  '{{eq .State.Status "running"}}',
  '{{eq .State.ExitCode 0}}',
  '{{eq .Name 5}}',
  '{{eq .Name "a" "b" "/web"}}',
  '{{ne .Name "x"}}',
  '{{lt 1 2}} {{le 2 2}} {{gt 1 2}} {{ge 1 2}}',
  '{{lt "a" "b"}}',
  '{{lt 1 "b"}}',
  '{{eq .Config.Env .Config.Env}}',
  '{{and .Name .State.ExitCode}}',
  '{{or .State.ExitCode .Name}}',
  '{{not .Name}}',
  '{{and true .Foo}}',
  '{{or false .Foo}}',
  '{{if and .State.Running (eq .Name "/web")}}up{{end}}',
  '{{if .State.Paused}}a{{else if .State.Running}}b{{else}}c{{end}}',
  '{{with .Foo}}x{{else}}y{{end}}',
  '{{with $x := .Name}}{{$x}}{{end}}',
  '{{$x := .Name}}{{$x}}',
  '{{$x := 1}}{{$x = 2}}{{$x}}',
  'a {{- .Name -}} b',
  'a {{/* comment */}} b',
  'a {{- /* c */ -}} b',
  '{{.Name | upper | printf "%s!"}}',
  '{{"a\\tb"}}',
  '{{`raw`}}',
  "{{1.5}} {{0x10}} {{1e3}} {{true}} {{'a'}}",
  '{{slice .Name 1 3}}',
  '{{slice .Config.Env 1}}',
  '{{slice .Name 3 1}}',
  '{{slice .Name 99}}',
  '{{index .Name 0}}',
  '{{index .State "x"}}',
  '{{index .Config.Labels 5}}',
  '{{html "<a>"}} {{urlquery "a b&c"}}',
  '{{nope}}',
  '{{.Name',
  '{{if .Name}}x',
  '{{end}}',
  '{{else}}',
  '{{if}}x{{end}}',
  '{{range}}{{end}}',
  '{{}}',
  '{{ }}',
  '{{$y}}',
  '{{.Name "x"}}',
  '{{.Name | .Id}}',
  '{{1 | 2}}',
  '{{"x" | "y"}}',
  '{{nil}}',
  '{{"abc}}',
  '{{.Name}',
  '{{.Name}}}',
  '{{. | json}}',
  '{{#}}',
  '{{.Na-me}}',
  '{{len}}',
  '{{len 1 2}}',
  '{{index}}',
  '{{upper 5}}',
  '{{upper}}',
  '{{upper .State.Pid}}',
  '{{truncate .Id "x"}}',
  '{{break}}',
  '{{range .Config.Env}}{{break}}{{end}}',
  '{{range .Config.Env}}{{if eq . "PATH=/bin"}}{{continue}}{{end}}{{.}}{{end}}',
  '{{range 3}}{{.}}{{end}}',
  '{{range .Name}}{{end}}',
  '{{range $i := .Config.Env}}{{$i}}{{end}}',
  '{{.Config.Env.Foo}}',
  '{{.State.Pid.Foo}}',
  '{{.Name.Foo}}',
  '{{(index .Mounts 0).Name}}',
  '{{(index .Mounts 0).Foo}}',
  '{{.Mounts.Name}}',
  'text only',
  '',
  ' ',
  '{{"\\u00e9"}}',
  'line1\n{{.Foo}}',
  '{{len (index .Config.Env 0)}}',
  '{{.ContainerJSONBase.ID}}',
  '{{.HostConfig.Resources.Memory}}',
  '{{.NetworkSettings.NetworkSettingsBase.SandboxID}}',
  '{{.SizeRw}}',
  '{{json .SizeRw}}',
  '{{eq .SizeRw nil}}',
  '{{1000000.5}} {{1e6}} {{123456.789}} {{0.00001}}',
  '{{printf "%g %e %G %E" 1e20 1234.5678 1e10 1e10}}',
  '{{printf "%+v" .State}}',
  '{{printf "%s" .State}}',
  '{{printf "%s %d" .Config.Healthcheck.Interval .Config.Healthcheck.Interval}}',
  '{{printf "%U %#x %#o %#b" 65 255 8 5}}',
  '{{printf "% x" "hello"}}',
  '{{index .Mounts 1}}',
  '{{index .Mounts 2}}',
  '{{index .NetworkSettings.Ports "80/tcp" 0}}',
  '{{len nil}}',
  '{{upper "straße"}}',
  '{{pad "x" -1 0}}',
  '{{truncate "hello" -1}}',
  '{{truncate "héllo" 3}}',
  '{{slice "héllo" 0 3}}',
  '{{slice .Name 0 1 1}}',
  '{{range $i, $e := 3}}{{$i}}{{end}}',
  '{{range $i, $e, $f := .Config.Env}}x{{end}}',
  '{{$x, $y := 1}}',
  '{{ /* c */ }}',
  '{{99999999999999999999}}',
  '{{9223372036854775807}}',
  '{{08}}',
  '{{(1}}',
  '{{1)}}',
  'é{{.Nope}}',
].map((template): OracleCase => ({ argv: ['inspect', '--type', 'container', '-f', template, 'web'], engine: { answers } }));

export const cases: readonly OracleCase[] = [
  ...contextCases,
  ...plain(
    `
    __complete attach ''
    __complete exec ''
    __complete pause ''
    __complete rm ''
    __complete rm -f ''
    __complete start ''
    __complete unpause ''
    `,
    inEachState,
  ),
  ...plain(
    `
    commit
    commit none
    commit '' x
    commit web Bad
    commit web x@sha256:2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881
    commit -a me -m said -c 'FOO x' web x:1
    commit --author me --message said --change 'FROM x' --pause=false web
    commit -p web x y
    import
    import /nowhere/a
    import -c 'CMD x' -m said --platform linux/arm64 /nowhere/a x:1
    import --change 'CMD x' --message said /nowhere/a Bad
    load -i /nowhere/a
    load --input /nowhere/a --quiet
    load -q --platform a/b/c/d -i /nowhere/a
    load x
    history --platform linux/386 busybox
    images --tree
    image ls --tree --all
    images --tree none
    images --tree busybox
    images --tree --filter dangling=true
    images --tree --quiet --no-trunc
    images --tree --no-trunc --digests
    images --tree --digests --format x
    images --tree --format json
    events --since -1
    events --since 1.-1
    events --since abc
    events --since 10 --until 1
    events --since 2020-13-01
    events --since 2020-01-01T24:00
    events --since 2020-01-01T00 --until 2020-01-01Z
    events --since 2020-01-01T00:00:00+02:00 --until 2020-01-01
    events --since 1.123456789 --until 2.5
    events --since 99999999999999999999
    events --since ' 1'
    search busybox
    search --no-trunc busybox
    search --limit 3 -f is-official=true --filter stars=3 busybox
    search --limit 0 busybox
    search --limit -1 busybox
    search --limit x busybox
    search -f stars busybox
    search --format '{{.Name}} {{.Description}} {{.StarCount}} {{.IsOfficial}} {{.IsAutomated}}' busybox
    search --format 'table {{.Name}}\\t{{.IsAutomated}}' busybox
    search --format '{{json .}}' busybox
    search --format json busybox
    search --format '{{.ID}}' busybox
    search --format '{{' busybox
    history --platform linux/arm64 busybox
    history --platform 'a*' busybox
    image inspect --platform linux/386 -f '{{.Id}}' busybox
    image inspect --platform linux/arm64 busybox
    image inspect --platform 'a*' busybox
    rmi --platform linux/arm64 busybox
    rmi --platform linux/386 -f busybox
    save
    save none
    save --platform 'linux/*' busybox
    save -o /nowhere/a busybox
    save --output /nowhere/a busybox none
    cp a b
    cp web:/a web:/b
    cp '' x
    cp x ''
    cp web:x
    cp -aLq web:/none /tmp/x
    cp --archive --follow-link --quiet none:/a /tmp/x
    cp web:/none /nowhere/a/b
    cp /nowhere/a web:/
    cp -L /nowhere/a web:/
    export none
    export -o /nowhere/a/b web
    export --output /nowhere/a/b web
    `,
    running,
  ),
  // Words and flags.
  ...plain(`
    foo
    container foo
    image foo
    ps x
    --foo
    -z
    run
    run --foo
    run -z
    run --name
    run -m
    run -m xx busybox
    run -m 1x busybox
    run -m 1.2.3m busybox
    run -m -1 busybox
    run --rm=maybe busybox
    run --cpus=abc busybox
    run --cpus=0.0000000001 busybox
    run --stop-timeout=abc busybox
    run --stop-timeout=99999999999999999999 busybox
    run --pids-limit 0x busybox
    run -itz busybox
    run ---x busybox
    run --=x busybox
    run -a foo busybox
    run -e =x busybox
    run -e
    run -l =x busybox
    run --dns x busybox
    run --add-host x busybox
    run --add-host x:y busybox
    run --ulimit a busybox
    run --ulimit foo=1 busybox
    run --ulimit nofile=5:2 busybox
    run --ulimit nofile=x busybox
    run --sysctl foo=1 busybox
    run --mount foo busybox
    run --mount type=bind busybox
    run --mount type=bind,source=/a,target=/b,volume-nocopy busybox
    run --mount type=bind,source=/a,foo=b,target=/b busybox
    run --health-interval 5 busybox
    run --health-interval x busybox
    run --health-interval 5y busybox
    run --health-interval=-5s busybox
    run --no-healthcheck --health-cmd x busybox
    run --memory-swappiness 200 busybox
    run --mac-address x busybox
    run --pid foo busybox
    run --uts foo busybox
    run --userns foo busybox
    run --cgroupns foo busybox
    run --restart :3 busybox
    run --restart on-failure:x busybox
    run --rm --restart always busybox
    run --env-file nope busybox
    run --label-file nope busybox
    run --security-opt foo busybox
    run --device x busybox
    run --device /dev/a:/dev/b:q busybox
    run --device-cgroup-rule x busybox
    run --device-read-bps /dev/sda busybox
    run --device-read-bps :1mb busybox
    run --device-read-bps sda:1mb busybox
    run --device-read-bps /dev/sda:-1 busybox
    run --device-read-bps /dev/sda:1xx busybox
    run --device-write-iops /dev/sda:1kb busybox
    run --device-write-iops /dev/sda:-5 busybox
    run --device-read-iops x busybox
    run --device-write-bps x busybox
    run --blkio-weight-device /dev/sda:5 busybox
    run --blkio-weight-device sda:200 busybox
    run --blkio-weight 70000 busybox
    run --storage-opt size busybox
    run --cpu-count 2 --io-maxiops 1 busybox
    run --cpu-percent 20 busybox
    run --io-maxbandwidth 1m busybox
    run -p x busybox
    run -p 80:90:100:110 busybox
    run -p 70000:1 busybox
    run -p 1-3:4-5 busybox
    run -p 80/foo busybox
    run --expose 80:90 busybox
    run --expose x busybox
    run --network host --network host busybox
    run --network host --network mine busybox
    run --network-alias a --network host busybox
    run --log-driver none --log-opt a=b busybox
    run --pull foo busybox
    run -d -a stdout busybox
    run -it busybox
    run A
    run busybox:
    run ''
    run busybox:tag:x
    run aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
    run localhost:5000/a
    run busybox@sha256:abc
    create
    create --pull foo busybox
    create A
    stop
    stop -t abc x
    stop --time 3 x
    start
    start x
    start x y
    start -a x y
    start -a x
    rename a
    rename a b
    rename a ''
    exec
    exec x
    exec x ls
    exec -z x ls
    logs
    logs a b
    logs nope
    logs --since foo x
    attach
    attach nope
    inspect
    inspect --type foo x
    pull
    pull A
    pull -a a:b
    pull nope
    push
    push A
    push a b
    push -a a:b
    push nope
    push -q nope
    push -a nope
    push nope:1
    push busybox@sha256:0000000000000000000000000000000000000000000000000000000000000000
    push --platform bad/x/y/z/w busybox
    push sha256:0000000000000000000000000000000000000000000000000000000000000000
    login
    login a b
    login -u '' h
    login -p '' h
    login -u me h
    login -p x h
    login --password-stdin h
    login --password-stdin -u me -p x h
    login --password-stdin -u me h
    logout
    logout a b
    logout h
    logout https://h/v2/
    rm
    rm nope
    rm -f nope
    rm nope nada
    rm /
    kill
    kill nope
    wait
    wait nope
    top
    top nope
    pause
    pause nope
    unpause nope
    restart nope
    stop nope
    images a b
    image ls a b
    image inspect
    events x
    version x
    info x
    container inspect
    container inspect nope
    container prune x
    ps --filter
    ps -n x
    ps -f x
    ps -f a=
    ps --format
    ps -qx
    help foo
    help container foo
    rmi
    tag a
    network inspect
    update
    update x
    port
    history
    search
    search a b
    stats --no-stream nope
  `),
  // What containers are made.
  ...plain(
    `
    run busybox true
    run --rm busybox echo hi
    run -i busybox true
    run -d busybox true
    run -d -i -t busybox true
    run -d -P --expose 80 busybox true
    create busybox
    create --name c1 busybox sh -c 'echo -n x'
    create -it --rm busybox
    create -e A=1 -e FROM_HERE -e NOT_SET busybox
    create --env-file a.env -e Z=1 busybox
    create --env-file a.env -e NOT_SET -e FROM_HERE busybox
    create --label a=b --label c --label-file l.txt busybox
    create -w /x -u 1000:10 --entrypoint /bin/sh --hostname h --domainname d.example busybox -c true
    create --entrypoint= busybox
    create -m 64m --memory-swap 128m --memory-reservation 32M --memory-swappiness 10 busybox
    create --memory-swap -1 -m 1g busybox
    create --cpus 1.5 --cpu-shares 512 -c 10 --cpu-period 1000 --cpu-quota 500 --cpuset-cpus 0 --cpuset-mems 0 busybox
    create --cpus=.5 busybox
    create --cpus=1/4 busybox
    create --pids-limit 10 --oom-score-adj 5 --oom-kill-disable busybox
    create --cap-add NET_ADMIN --cap-drop ALL --cap-add=SYS_TIME --privileged busybox
    create --read-only --tmpfs /tmp --tmpfs /run:size=1m,mode=700 busybox
    create --init busybox
    create --init=false busybox
    create --stop-signal INT --stop-timeout 7 busybox
    create --restart always busybox
    create --restart on-failure:3 busybox
    create --restart on-failure: busybox
    create --network none busybox
    create --network host busybox
    create --net bridge busybox
    create --network container:abc busybox
    create --network mine --network-alias one --ip 10.0.0.9 busybox
    create --network mine --ip6 fd00:1::9 busybox
    run -d --network name=mine,ip6=fd00:1::9 busybox sleep
    run -d --network name=mine,ip6=fd00:1::9 --ip6 fd00:1::a busybox sleep
    create --network name=mine,alias=a,driver-opt=x=y,mac-address=02:42:ac:11:00:02,gw-priority=5 busybox
    create --network a --network b busybox
    create --link db busybox
    run --link db busybox
    create --link db:d --link /x:/y/z busybox
    create --network mine --link db:d busybox
    create --network mine --network-alias a --link db busybox
    create --network a --network b --link db busybox
    create --network none --link db busybox
    create --link a:b:c busybox
    create --link '' busybox
    create --link :x busybox
    create --link x: busybox
    create --link-local-ip 169.254.1.1 busybox
    create --link-local-ip x busybox
    create --network mine --link-local-ip 169.254.1.1 --link-local-ip fe80::1 busybox
    create --network name=mine,link-local-ip=169.254.1.1 --link-local-ip 169.254.1.2 busybox
    run --link-local-ip 169.254.1.1 busybox
    network connect --link-local-ip 169.254.1.1,x --link-local-ip y mine web
    create --gpus all busybox
    create --gpus 2 --gpus -5 busybox
    create --gpus 'device=0' busybox
    create --gpus '"device=0,1",capabilities=compute' busybox
    create --gpus '"device=0,1","capabilities=compute,x",driver=q,"options=a=b,c"' busybox
    create --gpus driver=nvidia busybox
    create --gpus device= busybox
    create --gpus capabilities= busybox
    create --gpus '' busybox
    create --gpus x busybox
    create --gpus x=y busybox
    create --gpus all=x busybox
    create --gpus all,all busybox
    create --gpus all,count=2 busybox
    create --gpus count=1,count=2 busybox
    create --gpus count= busybox
    create --gpus 'options=' busybox
    create --gpus '"options=""a"' busybox
    create --gpus '"a' busybox
    create --gpus 99999999999999999999 busybox
    run --gpus all busybox
    run --gpus driver=nvidia,count=1 busybox
    start --checkpoint x web
    start --checkpoint x --checkpoint-dir y web
    checkpoint ls web
    network create --ingress mine
    checkpoint create web x
    checkpoint rm --nonesuch web x
    update --kernel-memory 64m web
    update --kernel-memory x web
    create --runtime nonesuch busybox
    create --runtime io.containerd.nonesuch.v1 busybox
    run --runtime io.containerd.nonesuch.v1 busybox
    create --mount type=bind,source=/a,target=/b,bind-recursive=disabled busybox
    create --mount type=bind,source=/a,target=/b,bind-recursive=enabled busybox
    create --mount type=bind,source=/a,target=/b,readonly,bind-recursive=writable busybox
    create --mount type=bind,source=/a,target=/b,bind-recursive=writable busybox
    create --mount type=bind,source=/a,target=/b,readonly,bind-recursive=readonly busybox
    create --mount type=bind,source=/a,target=/b,readonly,bind-recursive=readonly,bind-propagation=rprivate busybox
    create --mount type=bind,source=/a,target=/b,bind-recursive=readonly busybox
    create --mount type=bind,source=/a,target=/b,bind-recursive=x busybox
    create --mount type=bind,source=/a,target=/b,bind-recursive busybox
    create --mount type=bind,source=/a,target=/b,bind-nonrecursive,bind-recursive=enabled busybox
    create --mount type=volume,source=v,target=/b,bind-recursive=enabled busybox
    create --mount source=v,target=/b,volume-subpath=a/b busybox
    create --mount source=v,target=/b,volume-subpath= busybox
    create --mount source=v,target=/b,volume-subpath busybox
    create --mount type=bind,source=/a,target=/b,volume-subpath=a busybox
    create --mount type=image,source=busybox,target=/b,image-subpath=bin busybox
    create --mount type=image,source=busybox,target=/b,image-subpath busybox
    create --mount type=volume,source=v,target=/b,image-subpath=bin busybox
    create --mount type=image,source=busybox,target=/b,volume-subpath=bin busybox
    create --mount type=image,target=/b busybox
    rm --link a/b
    network connect --link a:b --link c mine web
    network connect --link a:b:c mine web
    create --mac-address 02:42:ac:11:00:02 busybox
    create -p 8080:80 -p 443 -p 127.0.0.1:53:53/udp -p 9000-9001:90-91 --expose 5-6/udp -P busybox
    create -p published=80,target=81,protocol=udp busybox
    create -p '[::1]:80:80' busybox
    create -p 8000-8010:80 busybox
    create -v /data busybox
    create -v /here:/there:ro -v name:/x -v /y busybox
    create --volumes-from other:ro busybox
    create --mount type=bind,source=/a,target=/b,readonly busybox
    create --mount source=v,target=/b,volume-nocopy,volume-label=x=y,volume-driver=local,volume-opt=a=b busybox
    create --mount type=tmpfs,dst=/t,tmpfs-size=1m,tmpfs-mode=1770 busybox
    create --mount type=bind,src=/a,dst=/b,bind-propagation=rslave busybox
    create --health-cmd 'test -f /x' --health-interval 5s --health-retries 3 --health-timeout 1m30s --health-start-period 1h --health-start-interval 100ms busybox
    run -d --health-cmd 'test -f /x' --health-interval 5s --health-retries 3 --health-timeout 1m30s --health-start-period 1h --health-start-interval 100ms busybox
    run --health-retries=-1 --health-cmd x busybox
    create --no-healthcheck busybox
    create --security-opt no-new-privileges --security-opt seccomp=unconfined busybox
    create --security-opt systempaths=unconfined busybox
    create --security-opt seccomp=profile.json busybox
    create --ulimit nofile=1024:2048 --ulimit nproc=5 --sysctl net.core.somaxconn=10 --shm-size 16m busybox
    create --add-host a:1.2.3.4 --add-host b=host-gateway --dns 1.1.1.1 --dns-search example.org --dns-opt ndots:1 --group-add audio busybox
    create --device /dev/null --device /dev/zero:/dev/z:r busybox
    create --device /dev/null:r --device-cgroup-rule 'c 1:3 rwm' busybox
    create --device-read-bps /dev/sda:1.5mb --device-write-bps /dev/sda:1024 --device-read-iops /dev/sda:100 --device-write-iops /dev/sda:010 busybox
    create --device-write-iops /dev/sda:0x10 busybox
    create --device-read-bps /dev/sda:1mb --device-read-bps /dev/sdb:2mb busybox
    create --blkio-weight 300 --blkio-weight-device /dev/sda:200 --blkio-weight-device /dev/sda:0 busybox
    create --cpu-rt-period 1000 --cpu-rt-runtime 900 busybox
    create --isolation default --storage-opt size=10G busybox
    create --kernel-memory 64m busybox
    create --oom-kill-disable busybox
    create --oom-kill-disable -m 64m busybox
    run --oom-kill-disable --kernel-memory 64m --isolation default --blkio-weight 300 --blkio-weight-device /dev/sda:200 busybox
    run --device-read-bps /dev/sda:1mb --device-write-bps /dev/sda:1mb --device-read-iops /dev/sda:9 --device-write-iops /dev/sda:9 busybox
    run --device-cgroup-rule 'c 13:* r' busybox
    run --cpu-rt-period 1000 --cpu-rt-runtime 900 busybox
    run --isolation hyperv busybox
    run --storage-opt size=10G busybox
    create --storage-opt foo=bar busybox
    create --oom-kill-disable=false busybox
    create --device-cgroup-rule 'a *:* rwm' --device-cgroup-rule 'b 8:* r' busybox
    create --ipc private --pid host --uts host --userns host --cgroupns private --cgroup-parent /x --runtime runc busybox
    create --log-driver json-file --log-opt max-size=1m --annotation a=b busybox
    create --platform linux/386 busybox
    create -a stdin -a stdout busybox
    create -a STDERR -i busybox
    create -- busybox --foo
    create -itd busybox
    create busybox -it --rm
    create -h=name busybox
    create -hname busybox
    create --hostname=a --hostname b busybox
    create -u= busybox
    create -m1k -m 2KiB busybox
  `,
    {
      files: {
        'a.env': '# c\nA=1\n\n  B=2 3\nFROM_HERE\nNOT_SET\nE=\n',
        'l.txt': '# c\nx=y\nz\n',
        'profile.json': '{ "defaultAction" : "SCMP_ACT_ALLOW" }',
      },
    },
  ),
  { argv: ['create', '--env-file', '', 'busybox'] },
  ...[65_534, 65_535, 65_536, 70_000].map((size) => ({
    argv: words('create --env-file long.env busybox sized ' + String(size)),
    files: { 'long.env': `A=1\nB=${'x'.repeat(size - 2)}\nC=1\n`, other: '' },
  })),
  { argv: words('create --env-file bad.env busybox'), files: { 'bad.env': 'A B=1\n' } },
  { argv: words('create --env-file bad.env busybox'), files: { 'bad.env': '=1\n' } },
  // What of run and update is not said above.
  ...plain(
    `
    run -d --add-host a:1.2.3.4 --annotation a=b --cap-add NET_ADMIN --cap-drop ALL --cgroup-parent /x --hostname h --domainname d --dns 1.1.1.1 --dns-option ndots:1 --dns-search example.org busybox sleep
    run -d --cpu-period 1000 --cpu-quota 5000 --cpu-shares 512 --cpuset-cpus 0 --cpuset-mems 0 busybox sleep
    run -d --cpus 0.5 -m 64m --memory-reservation 32m --memory-swap 128m --oom-score-adj 5 --pids-limit 10 --shm-size 16m busybox sleep
    run -d --entrypoint sleep --env A=1 --label a=b --group-add audio --user 1000:10 --workdir /x --init --no-healthcheck busybox 5
    run -d --ipc private --privileged --read-only --runtime runc --platform linux/386 --disable-content-trust busybox sleep
    run -d --sysctl net.core.somaxconn=10 --tmpfs /tmp:size=1m --ulimit nofile=5 --mount type=tmpfs,dst=/t --stop-signal INT --stop-timeout 3 busybox sleep
    run -d --network bridge --ip 172.17.0.9 busybox sleep
    run -d -v /host:/there:ro busybox sleep
    run --cidfile id.txt --sig-proxy=false --detach-keys ctrl-x busybox echo hi
    run --detach-keys ctrl-9 busybox echo hi
    create --cidfile id.txt --pids-limit 10 --oom-score-adj 5 --disable-content-trust busybox
    exec --detach-keys ctrl-x --env-file e.env web env
    exec --detach-keys foo web env
    pull --disable-content-trust busybox
    pull --platform linux/386 busybox
    pull --platform linux/arm64 busybox
    push --disable-content-trust busybox
    push --platform linux/386 busybox
    push --platform linux/arm64 busybox
    attach --detach-keys ctrl-x --no-stdin --sig-proxy=false old
    start --detach-keys ctrl-x -a old
    logs --follow old
    update --cpu-period 1000 --cpu-quota 5000 --cpuset-cpus 0 --cpuset-mems 0 --memory-reservation 32m web
    update --blkio-weight 300 --cpu-rt-period 1000 --cpu-rt-runtime 500 web
    container inspect --size --format {{.Name}} web
    image inspect --format {{.Os}} busybox
    network inspect --format {{.Name}} bridge
    -D ps
  `,
    { before: [words('run -d --name web busybox sleep'), words('run --name old busybox echo a b c')], files: { 'e.env': 'A=1\nB=2\n' } },
  ),
  // Whole numbers that JavaScript's cannot hold, and those that Go's cannot.
  ...['9007199254740993', '9223372036854775807', '9223372036854775808', '-9223372036854775809'].flatMap((number) =>
    plain(`
    create --cpu-shares ${number} busybox
    create --pids-limit ${number} busybox
    create --memory ${number} busybox
    create --memory-swap ${number} busybox
    create --memory-reservation ${number} busybox
    create --shm-size ${number} busybox
    create --ulimit nofile=${number} busybox
    create --ulimit nofile=1:${number} busybox
    create --cpu-period ${number} busybox
    create --cpu-quota ${number} busybox
    create --cpus ${number} busybox
    create --oom-score-adj ${number} busybox
    create --memory-swappiness ${number} busybox
    create --stop-timeout ${number} busybox
    create --restart on-failure:${number} busybox
    create --network name=mine,gw-priority=${number} busybox
    create --mount type=tmpfs,dst=/t,tmpfs-size=${number} busybox
    ps -n ${number}
    stop -t ${number} nope
    restart -t ${number} nope
    update --cpu-shares ${number} --pids-limit ${number} nope
  `),
  ),
  ...['9007199254740993', '9223372036854775808'].flatMap((number) =>
    plain(
      `
    logs -n ${number} old
    logs --since ${number} old
    logs --until ${number} old
    logs --since ${number}s old
    events --since ${number} --until 1
    wait --nope ${number} old
    port old ${number}
  `,
      stopped,
    ),
  ),
  ...'LINUX/386 386 i386 linux/i386/v1 linux/x86_64 x86-64 macos/aarch64 arm64/v8/x linux/arm/7 linux/armhf linux/armel/v7 windows(10.0)/386 foo foo/bar a* é linux/ /386'
    .split(' ')
    .map((platform) => ({ argv: ['create', '--platform', platform, 'busybox'] })),
  { argv: words('pull --platform LINUX/386 busybox') },
  { argv: words('run --label-file nope --userns foo busybox') },
  // Pulling.
  ...plain(
    `
    run busybox echo hi
    run -q busybox echo hi
    run --pull never busybox echo hi
    run --pull always busybox echo hi
    create busybox
    create -q busybox
    pull busybox
    pull busybox:latest
    pull -q busybox
    image pull library/busybox
    pull docker.io/library/busybox
  `,
    { engine: { images: [], registry: ['busybox:latest'] } },
  ),
  // Running.
  ...plain(
    `
    run busybox both out err out
    run busybox exit 7
    run busybox nope
    run --rm busybox nope
    run -a stdout busybox both out err
    run -a stderr busybox both out err
    run --name old busybox true
  `,
    stopped,
  ),
  { argv: words('run -i busybox cat'), stdin: 'one\ntwo\n' },
  { argv: words('run -a stdin -i busybox cat'), stdin: 'one\ntwo\n' },
  { argv: words('run -t busybox echo hi') },
  ...plain(
    `
    ps
    ps -a
    ps -aq
    ps -q --no-trunc
    ps --no-trunc
    ps -l
    ps -n 1
    ps -s
    ps -f status=running -f name=web -f status=exited
    ps --filter LABEL=x
    ps --format json
    ps --format '{{.ID}} {{.Names}}'
    ps --format 'table {{.ID}}\\t{{.Names}}'
    ps --format 'table {{.Names}} {{upper .State}}'
    ps --format '{{.Size}}'
    ps --format '{{json .Names}}'
    ps --format raw
    ps -q --format raw
    ps --format '{{.Foo}}'
    ps --format 'table {{.Foo}}'
    ps --format '{{.Names'
    ps --format '{{foo .Names}}'
    ps --format '{{.Label}}'
    ps --format '{{range .Names}}x{{end}}'
    exec web echo hi
    exec web exit 4
    exec web nope
    exec web both out err out
    exec -d web true
    exec -e A=1 -e FROM_HERE -w /x -u 1 --privileged web env
    exec -it web cat
    exec -t web echo hi
    stop web
    stop -t 3 -s INT web
    kill web
    kill -s HUP web
    restart -t 1 web
    pause web
    unpause web
    rename web www
    top web
    top web aux -x
    rm web
    rm -f web
    rm -fv web
    start web
    logs web
    container ls
    container list
    container ps -q
    container rm web
  `,
    running,
  ),
  ...plain(
    `
    logs old
    logs --tail 1 old
    logs -n1 -t old
    logs --since 2024-01-02T03:04:05Z --until 1700000000 old
    logs --since 2024-01-02 old
    logs --since 2024-01-02T03:04:05.5+01:00 --details old
    start -a old
    start old
    attach old
    wait old
    ps -a
    rm old nope
    kill old
    run --name new busybox echo x
  `,
    stopped,
  ),
  { argv: words('start -ai c'), before: [words('create -i --name c busybox cat')], stdin: 'abc\n' },
  ...plain(
    `
    volume ls
    volume list -q
    volume ls --format raw
    volume ls -q --format raw
    volume ls --format json
    volume ls --format '{{.Name}} {{.Driver}} {{.Scope}} {{.Mountpoint}} {{.Labels}} {{.Links}} {{.Size}} {{.Label "a"}} {{.Status}}'
    volume ls --filter dangling=true -q
    volume ls --filter name=^o --filter label=a=b
    volume ls --filter driver=nosuch
    volume inspect one two nope
    volume inspect -f '{{.Name}} {{.Mountpoint}} {{.Labels.a}} {{.Options}}' one two
    inspect --type volume one
    volume rm one two
    volume rm -f two
    volume prune -f
    volume prune -a -f
    volume prune -f --filter label=a --all
    system df
    ps --filter volume=two --format '{{.Names}} {{.Mounts}} {{.LocalVolumes}}'
    ps --filter volume=/d -q --no-trunc
    ps --filter volume=one
  `,
    withVolumes,
  ),
  ...prunes.flatMap((line) => replies.map((stdin) => ({ argv: words(line), stdin, ...canned }))),
  ...prunes.map((line) => ({ argv: words(`${line} -f`), engine: { answers: nothingToPrune } })),
  { argv: words('system df'), engine: { answers: nothingToPrune } },
  { argv: words('system df -v'), engine: { answers: nothingToPrune } },
  ...templates,
  ...[typeTemplate, ...languageTemplates].map((format) => ({ argv: ['inspect', '-f', format, 'web'], ...canned })),
  // Lists and inspections with fixed answers.
  ...plain(
    `
    ps -a
    ps -as
    ps -a --no-trunc
    ps -a --format json
    ps -a --format '{{.Ports}} {{.Mounts}} {{.LocalVolumes}} {{.Networks}} {{.CreatedAt}} {{.Label "a"}}'
    ps -a --format '{{.Image}} {{.Labels}} {{.Platform}}'
    ps -a --format 'table {{.Image}}\\t{{.Ports}}\\t{{.Size}}'
    images
    image ls
    image list -q
    images -a --no-trunc
    images --digests
    images busybox
    images -f dangling=true
    images --format json
    images --format '{{.Repository}}:{{.Tag}} {{.Size}} {{.CreatedAt}} {{.Containers}} {{.SharedSize}} {{.UniqueSize}} {{.VirtualSize}}'
    images --format 'table {{.ID}}\\t{{.Digest}}'
    images --format raw
    images --format '{{.Foo}}'
    images -q --format '{{.Tag}}'
    search busybox
    search --no-trunc busybox
    search --format '{{.Name}}: {{.Description}} {{.StarCount}} {{.IsOfficial}}' busybox
    search --format '{{json .}} {{.IsOfficial}}' busybox
    history busybox
    history --no-trunc -H=false busybox
    history -q busybox
    history --format '{{.ID}} {{.CreatedBy}}' busybox
    history nope
    rmi busybox
    rmi -f --no-prune busybox nope
    rmi nope
    rmi -f nope
    image rm busybox
    image remove busybox
    tag busybox other
    tag busybox localhost:5000/x/y:1
    tag A b
    tag busybox B
    inspect web
    inspect busybox
    inspect bridge
    inspect nope
    inspect web nope busybox
    inspect -s web
    inspect -s busybox
    inspect --type image web
    inspect --type container web
    inspect --type network bridge
    inspect --type volume nope
    inspect -f json web
    container inspect web
    container inspect nope web
    image inspect busybox
    image inspect nope
    image inspect /busybox //busybox ./busybox a/../busybox ../info busybox/
    rmi ../containers/web .. . /
    history ./busybox
    tag ../busybox x
    network inspect a/../bridge
    inspect .. ../../x
    system df -v --format '{{.Foo}}'
    system df -v --format '{{.'
    system df -v --format '{{range .Images}}{{.ID}} {{end}}'
    image prune -f --filter label=a*~!b
    logs ../containers/web
    kill a/../web
    network connect
    network connect bridge web
    network connect none web
    network connect --gw-priority -3 host web
    network connect --ip 172.17.0.9 --ip6 fd00::1 --alias a,b --alias c bridge web
    network connect nope web
    network connect --driver-opt com.docker.network.endpoint.ifname=e5 none web
    network connect --driver-opt x none web
    network connect --driver-opt =x none web
    volume create
    volume create a b
    volume create a
    volume create data
    volume create --driver nosuch data
    volume create --label a=b --label a=c --label d -d local data
    volume create --opt type=tmpfs -o device=tmpfs -o o=size=1m,uid=1000 ram
    volume create -o foo=bar data
    volume create -o type=tmpfs data
    volume ls
    volume rm
    volume rm nope
    volume rm -f nope
    volume rm nope /
    volume inspect
    volume inspect nope
    volume prune -f --filter until=1h
    volume prune --all --filter all=1
    volume prune -f --filter all=x
    volume ls --filter dangling=maybe
    volume ls --filter nope=x
    create --volume-driver local -v named:/d:nocopy busybox
    create --volume-driver nosuch -v named:/d busybox
    create -v named:/d:rshared busybox
    create --volumes-from web:ro --volumes-from web busybox
    create --volumes-from web:bad busybox
    run --volume-driver nosuch -v named:/d busybox true
    run --volumes-from web:bad busybox true
    network create
    network create bridge
    network create mine
    network create -d overlay mine
    network create --driver nope mine
    network create --subnet 10.80.0.0/16 --ip-range 10.80.5.0/24 --gateway 10.80.5.254 --aux-address a=10.80.5.1 --aux-address b=10.80.5.2 mine
    network create --attachable --internal --label a=b --label c -o com.docker.network.driver.mtu=1400 --opt x --ipam-driver default --ipam-opt y=z mine
    network create --config-only --subnet 10.80.0.0/16 conf
    network create --config-from nope mine
    network create --ipv4=false mine
    network create --ipv6=false --ipv4 --scope local mine
    network create --ipv6 --ipv4=false --subnet fd00:1::/64 --ip-range fd00:1::8000/113 --gateway fd00:1::ff --aux-address a=fd00:1::8001 mine
    network create --ipv6 --subnet fd00:1::/64 --subnet fd00:1::/80 mine
    network create --ipv6 --subnet fd00:1::/64 --gateway fd00:2::1 mine
    network create --ipv6 --subnet fd00:1::/64 --ip-range fd00:1::/130 mine
    network create --subnet fd00:1::/200 --gateway fd00:1::1 mine
    network create --subnet 10.80.0.0/16 --ip-range 10.80.0.1 mine
    network create --subnet 10.80.0.0/16,10.81.0.0/16 mine
    network create --subnet 10.80.0.0/16 --subnet 10.80.5.0/24 mine
    network create --gateway 10.80.0.1 mine
    network create --subnet foo mine
    network create --subnet foo --gateway 10.80.0.1 mine
    network create --subnet 10.80.0.0/16 --gateway 10.81.0.1 mine
    network create --subnet 10.80.0.0/16 --ip-range 10.81.0.0/24 mine
    network create --subnet 10.80.0.0/16 --aux-address a=10.81.0.1 mine
    network create --subnet 10.80.0.0/16,10.81.0.0/16 --gateway 10.80.0.1,10.80.0.2 mine
    network create --subnet 10.80.0.0/16,10.81.0.0/16 --ip-range 10.80.1.0/24,10.80.2.0/24 mine
    network create --label =x mine
    network rm
    network rm bridge nope
    network rm -f nope
    network remove --force nope host
    network connect bridge nope
    network disconnect bridge
    network disconnect bridge web
    network disconnect host web
    network disconnect nope web
    network disconnect -f bridge nope
    network inspect bridge
    network inspect -v bridge
    network inspect nope
    network ls
    network ls -q
    network ls --no-trunc --filter driver=bridge
    network ls --format '{{.Name}} {{.ID}} {{.IPv6}} {{.Internal}} {{.Labels}} {{.CreatedAt}} {{.Label "x"}}'
    network ls --format json
    network list
    version --format '{{.Server.Version}} {{.Server.APIVersion}} {{.Server.Os}}/{{.Server.Arch}}'
    version --format '{{json .Server}}'
    version --format '{{range .Server.Components}}{{.Name}}={{.Version}} {{.Details}}\\n{{end}}'
    version -f '{{.Foo}}'
    version -f '{{.Foo'
    version -f '{{.Server.Foo}}'
    info -f '{{.ServerVersion}} {{.Containers}} {{.Swarm.LocalNodeState}} {{.Plugins.Network}} {{.Runtimes}} {{.MemTotal}}'
    info -f '{{json .RegistryConfig.Mirrors}} {{.SecurityOptions}} {{.DriverStatus}} {{.DefaultAddressPools}} {{.Warnings}}'
    info -f '{{.Foo}}'
    info -f '{{.ClientInfo.Context}}'
    info -f '{{.'
    events
    events --since 1h --until 2024-05-01T00:00:00Z -f type=container -f event=die
    events --since 1714558830
    events --format json
    events --format '{{.Type}} {{.Action}} {{.Actor.ID}} {{.Actor.Attributes.name}} {{.Status}} {{.TimeNano}}'
    events --format '{{.Foo}}'
    events --format '{{.'
    events --since foo
    system events
    container prune -f
    container prune --force --filter until=1h --filter label=a
    container prune
    image prune -f
    image prune
    image prune -a
    image prune -af --filter until=24h --filter label!=keep
    image prune x
    network prune -f
    network prune
    network prune -f --filter label=a
    builder foo
    builder prune x
    builder prune --keep-storage x
    builder prune -f --keep-storage 1g --filter until=24h
    builder prune -af --filter unused-for=24h
    system prune -f
    system prune
    system prune -a --volumes
    system prune -af --volumes
    system prune -f --filter label=a --filter until=1h
    system prune --filter label=b --filter label=a --filter until=1h
    system prune -f --volumes --filter until=1h
    system prune x
    system df
    system df -v
    system df --format json
    system df --format 'table {{.Type}}\\t{{.Size}}'
    system df --format '{{.Type}} {{.TotalCount}} {{.Active}} {{.Size}} {{.Reclaimable}}'
    system df --format '{{.Foo}}'
    system df -v --format json
    system df x
    stats --no-stream web
    stats --no-stream --no-trunc web
    stats --no-stream
    stats --no-stream -a --format '{{.Container}} {{.Name}} {{.CPUPerc}} {{.MemUsage}} {{.MemPerc}} {{.NetIO}} {{.BlockIO}} {{.PIDs}}'
    stats --no-stream --format json web
    stats --no-stream web nope
    update -m 64m --memory-swap -1 --cpus 2 --pids-limit 5 --restart always web
    update --cpu-shares 5 web nope
    update --restart foo:x web
    port web
    port web 80
    port web 80/udp
    port web x
    port web 1 2
    diff web
    diff nope
    top web
  `,
    canned,
  ),
  // Help in odd places, and flags before the command.
  ...plain(`
    --help ps
    -h ps
    --help ps x
    --help ps --foo
    ps --help=false
    ps --help=x
    ps --help --foo
    ps -h --foo
    ps -qh
    ps x -h
    run --help --foo
    exec web -h
    container --help ls
    container -z
    container --foo ls
    help --help
    help -h
    help --foo
    help ps
    help ps x
    help container ls
    help container ls x
    help foo bar
    -v ps
    --log-level foo ps
    --log-level WARN ps
    -H tcp://127.0.0.1:1 ps --help
    -H tcp://127.0.0.1:1 foo
    -H unix:///nope.sock -H unix:///nada.sock ps
    -H unix:///nope.sock ps
  `),
  // Names that are none, and names with slashes.
  ...plain(
    `
    stop ''
    stop web ''
    stop /web/
    stop ' web'
    kill nope ''
    start ''
    start -a ''
    logs ''
    exec '' ls
    attach ''
    top ' '
    wait ''
    inspect ''
    inspect --type container ''
    inspect 'A B'
    image inspect ''
    network inspect ''
    port ''
    diff ''
    rm ''
    rm -f ''
    rm -f '' nope web
    rm //web//
    restart -s INT -t 2 nope
  `,
    running,
  ),
  // Values that are refused, and how those that are not are kept.
  ...plain(
    `
    create -m 1e3 busybox
    create -m 1_000 busybox
    create -m 1MEGA busybox
    create -m 1e400 busybox
    create -m '1 k' busybox
    create --stop-signal '' busybox
    create --restart on-failure:99999999999999999999 busybox
    create -e A=1 -e B=2 -e A=3 busybox
    create -l ' a = b ' busybox
    create --cap-drop ALL --cap-drop foo busybox
    create --cap-add all --cap-add net_admin busybox
    create --cap-add ' net_raw ' busybox
    create --add-host a:01.2.3.4 busybox
    create --dns ::1 busybox
    create --dns 127.0.0.1 --dns 127.0.0.2 busybox
    create --dns 01.1.1.1 busybox
    create --dns ::1.2.3 busybox
    create --dns-search a. busybox
    create --ulimit nofile=0x10 busybox
    create --ulimit nofile=1 --ulimit nofile=2 busybox
    create --security-opt a= busybox
    create --security-opt seccomp:numbers.json busybox
    create --network default busybox
    create --network name=mine,foo=bar busybox
    create --network mine,alias=x busybox
    create --network name=mine,gw-priority=x busybox
    create --network 'name=mine,"driver-opt=x=y,z"' busybox
    create --network 'name=mine,al"ias=x' busybox
    create --network name=mine,mac-address=xx busybox
    create --mac-address 0242.ac11.0002 busybox
    create --mac-address 02:42:ac:11:00:02:03:04 busybox
    create --mac-address 02:42-ac:11:00:02 busybox
    create -v '' busybox
    create -v : busybox
    create -v /a: busybox
    create -v :/a busybox
    create -v /a:/b -v /a:/b busybox
    create -v a:b:c:d busybox
    create --mount '' busybox
    create --mount 'type=volume,target="/a"' busybox
    create --mount 'type=volume,"target=/a' busybox
    create --mount 'type=volume,"target=/a,""b"' busybox
    create --mount type=bind,src=a,dst=/b busybox
    create --mount type=tmpfs,dst=/b,tmpfs-mode=777777777777 busybox
    create --mount type=bind,src=/a,dst=/b,bind-create-src busybox
    create --expose '' busybox
    create --expose 90-80 busybox
    create --expose 70000 busybox
  `,
    { files: { 'numbers.json': '{ "a" : [ 1 , 2.50 ] }', 'other.json': '' } },
  ),
  ...plain(
    `
    logs --since 0 web
    logs --since -1 web
    logs --since 2024-01 web
    logs --since 2024-13-01 web
    logs --since 2024-02-30 web
    logs --since 2024-01-02T03:04:05.1234567899 web
    logs --since 2024-01-02T03:04:05+0100 web
    logs --since '2024-01-02 03:04:05' web
    logs --since 2024-01-02T25:00:00 web
    logs --since 2024-01-02T03:04-05:00 web
    logs --since 2024-01-02+01:00 web
    logs --since 1h-1m web
    logs --since 99999999999h web
    events --since 2024-13-01
    events --since 1.2.3
    events --since 2024-01-02T03:04:05+1:00
  `,
    running,
  ),
  ...plain(
    `
    ps --format 'table {{.Names}}\\t{{.Label "com.example.foo_bar-baz"}}\\t{{.ID}}'
    ps --format 'table {{.Names}}{{range split .Names "e"}}{{.}}{{end}}'
    network ls --format 'table {{.Name}}\\t{{.Label "x"}}'
    network ls --format raw
    network ls -q --format raw
    history --format json busybox
    history --format '{{.CreatedSince}} {{.Size}}' busybox
    images ''
    port web 80/
    port web 99999
    port web ''
  `,
    canned,
  ),
];
