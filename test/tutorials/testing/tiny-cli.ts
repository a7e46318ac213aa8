import type { TinyContainer, TinyDocker } from './tiny-docker.ts';

/** What a command line leaves in the foreground: nothing, or a container it is attached to. */
export type Attached = TinyContainer | null;

/** The docker command line of the tiny engine, as far as tutorials go. */
export function runDocker(docker: TinyDocker, words: readonly string[]): Attached {
  const [first = '', ...rest] = words;
  const [verb = '', ...args] = first === 'container' ? rest : [first, ...rest];
  docker.request('HEAD', '/_ping', 200);
  switch (verb) {
    case 'run':
      return run(docker, args);
    case 'create':
      docker.create(parse(args).options);
      return null;
    case 'start':
      start(docker, args);
      return null;
    case 'rm':
      for (const name of args.filter((arg) => !arg.startsWith('-'))) remove(docker, name);
      return null;
    case 'images':
      docker.request('GET', '/images/json', 200);
      return null;
    case 'pull':
      docker.pull(args[0] ?? '');
      return null;
    default:
      throw new Error(`the tiny docker has no ${words.join(' ')}`);
  }
}

function remove(docker: TinyDocker, name: string): void {
  const container = docker.find(name);
  if (container === undefined) docker.request('DELETE', `/containers/${name}`, 404);
  else docker.remove(container);
}

function start(docker: TinyDocker, [name = '']: readonly string[]): void {
  const container = docker.find(name);
  if (container === undefined) return docker.request('POST', `/containers/${name}/start`, 404);
  docker.start(container);
  runProgram(docker, container);
}

function run(docker: TinyDocker, args: readonly string[]): Attached {
  const { options, detach } = parse(args);
  const container = docker.create(options);
  if (typeof container === 'string') return null;
  if (!detach) docker.attach(container);
  docker.start(container);
  runProgram(docker, container);
  return detach || container.state !== 'running' ? null : container;
}

/** Programs that end at once do; shells with a terminal and servers stay. */
function runProgram(docker: TinyDocker, container: TinyContainer): void {
  const [program = ''] = container.command;
  if (container.image.startsWith('nginx') && container.command.length === 0) return;
  if (isShell(container) && container.openStdin && !container.command.includes('-c')) return;
  if (program === 'sleep') return;
  runLine(container.files, program === 'sh' ? (container.command[2] ?? '') : container.command.join(' '));
  docker.end(container, 0);
}

export const isShell = ({ image, command }: TinyContainer): boolean =>
  command[0] === 'sh' || (image.startsWith('busybox') && command.length === 0);

/** A line of a shell that knows echo; all else does nothing. */
export function runLine(files: Map<string, string>, line: string): void {
  const echo = /^echo (\S+) > (\S+)$/.exec(line);
  if (echo !== null) files.set(echo[2] ?? '', `${echo[1] ?? ''}\n`);
}

function parse(args: readonly string[]) {
  let index = 0;
  let detach = false;
  let name: string | undefined;
  const flags = new Set<string>();
  for (; args[index]?.startsWith('-') === true; index += 1) {
    const flag = args[index] ?? '';
    if (flag === '--name') name = args[(index += 1)];
    else if (flag.startsWith('--name=')) name = flag.slice('--name='.length);
    else if (flag.startsWith('--')) flags.add({ '--interactive': 'i', '--tty': 't', '--detach': 'd' }[flag] ?? flag);
    else for (const letter of flag.slice(1)) flags.add(letter);
  }
  detach = flags.has('d');
  const [image = '', ...command] = args.slice(index);
  return {
    detach,
    options: {
      ...(name === undefined ? {} : { name }),
      image,
      command,
      tty: flags.has('t'),
      openStdin: flags.has('i'),
      autoRemove: flags.has('--rm'),
    },
  };
}
