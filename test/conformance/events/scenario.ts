/** What is done, a docker command line each; what each is told of stands in recorded.txt. */
export const scenario: readonly string[] = `
  create --name ev-a --label k=v --label x=y busybox sleep 1000
  start ev-a
  exec ev-a true
  exec ev-a echo a b
  exec ev-a nosuch
  exec -d ev-a true
  top ev-a
  pause ev-a
  unpause ev-a
  rename ev-a ev-b
  update --restart no ev-b
  logs ev-b
  stats --no-stream ev-b
  kill -s WINCH ev-b
  stop -t 0 ev-b
  restart -t 0 ev-b
  restart -t 0 ev-b
  network create ev-net
  network connect ev-net ev-b
  network disconnect ev-net ev-b
  kill ev-b
  network connect ev-net ev-b
  network disconnect ev-net ev-b
  rm ev-b
  run -d --name ev-c busybox sleep 1000
  rm -f ev-c
  run --rm --name ev-d -v ev-vol:/d busybox true
  run --rm --name ev-d -v ev-vol:/d:ro busybox true
  run --rm --name ev-d --network host busybox true
  run --rm --name ev-d --network none busybox true
  run --rm --name ev-d --network ev-net busybox true
  run --name ev-e busybox nosuch
  rm ev-e
  run -d --name ev-f busybox sleep 1000
  run --name ev-f busybox sleep 1000
  stop -t 0 ev-f
  stop -t 0 ev-f
  start ev-f
  container rm -f -v ev-f
  volume create --label a=b ev-vol
  volume create --label a=b ev-new
  volume rm ev-new
  volume rm ev-vol
  network rm ev-net
  tag busybox ev-tag:1
  tag busybox ev-tag:2
  rmi ev-tag:1 ev-tag:2
  create --name ev-g --label ev-prune busybox
  container prune -f --filter label=ev-prune
  network create --label ev-prune ev-net
  network prune -f --filter label=ev-prune
  volume create --label ev-prune ev-vol
  volume prune -af --filter label=ev-prune
  image prune -f --filter label=ev-prune
  builder prune -f
  system prune -f --filter label=ev-prune
`
  .split('\n')
  .map((line) => line.trim())
  .filter((line) => line !== '');

interface EventMessage {
  readonly Type: string;
  readonly Action: string;
  readonly status?: string;
  readonly id?: string;
  readonly from?: string;
  readonly scope: string;
  readonly Actor: { readonly ID: string; readonly Attributes: Readonly<Record<string, string>> };
}

/** A message in a line, without what differs from run to run: IDs, seconds, and the labels of the image, which are each engine's own. */
export function eventLine(text: string): string {
  const { Type, Action, Actor, status, id, from, scope }: EventMessage = JSON.parse(text);
  const attributes = Object.entries(Actor.Attributes)
    .filter(([name]) => !/^(?:org\.opencontainers|io\.drydock|app$|execDuration$)/.test(name))
    .map(([name, value]) => `${name}=${value}`)
    .sort();
  const older = [status ?? '-', id === undefined ? '-' : String(id === Actor.ID), from ?? '-'].join(' ');
  const line = `${Type} ${Action} ${Actor.ID} (${attributes.join(', ')}) ${scope}; before 1.22: ${older}`;
  return line.replaceAll(/\b[0-9a-f]{64}\b/g, 'ID');
}
