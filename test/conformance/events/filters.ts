/** What is done before events are asked for by filter. */
export const filterScenario: readonly string[] = `
  network create evq-net
  volume create evq-vol
  create --name evq-c --label L=1 busybox true
  tag busybox evq-img:1
  start -a evq-c
  rm evq-c
  network rm evq-net
  volume rm evq-vol
  rmi evq-img:1
`
  .split('\n')
  .map((line) => line.trim())
  .filter((line) => line !== '');

/** Filters of a question, one or more. */
export const filterLines: readonly (readonly string[])[] = `
  container=evq
  container=evq-c
  container=vq
  container=
  Container=evq
  container=nope
  container=nope container=evq-c
  container=evq network=evq
  container=evq event=create
  network=evq
  volume=evq
  volume=evq-vol
  daemon=evq
  plugin=evq
  node=evq
  service=evq
  secret=evq
  config=evq
  node=x
  image=evq-img
  image=evq-img:1
  image=evq-im
  image=busybox
  image=busybox:latest
  label=L
  label=L=1
  label=L=2
  label=L label=L=1
  label=image=busybox
  label!=L
  type=image
  type=image type=volume
  type=container label=L
  type=
  type=nope
  event=create
  event=create event=untag
  event=creat
  event=exec_create
  event=connect
  scope=local
  scope=swarm
  scope=
  nonsense=1
`
  .split('\n')
  .map((line) => line.trim())
  .filter((line) => line !== '')
  .map((line) => line.split(' '));

export function filterArgs(filters: readonly string[]): readonly string[] {
  return filters.flatMap((filter) => ['--filter', filter]);
}

/** Type, action and name of each. */
export const filterFormat = '{{.Type}} {{.Action}} {{with .Actor.Attributes.name}}{{.}}{{end}}';

/** An image that lost its name has its digest as one. */
export function shownEvents(output: string): readonly string[] {
  return output
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.replace(/sha256:[0-9a-f]{64}/, 'DIGEST').trim());
}
