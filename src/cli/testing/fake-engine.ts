import { fromUtf8, utf8 } from '../../base/bytes.ts';
import { Emitter } from '../../base/events.ts';
import { createPipe, iterate, readAll, type ByteSink, type ByteSource, type Duplex } from '../../base/streams.ts';
import type { HttpHandler, HttpRequest, HttpResponse } from '../../protocol/http.ts';
import { isObject, JsonView, parseJson, type Json } from '../json.ts';
import { heeds, isProgram, runProgram } from './fake-programs.ts';

/** A request as the engine saw it. */
export interface SeenRequest {
  readonly method: string;
  readonly target: string;
  readonly body: Json;
  readonly status: number;
}

interface Attached {
  readonly out: ByteSink | null;
  readonly err: ByteSink | null;
}

interface FakeContainer {
  readonly id: string;
  name: string;
  readonly body: JsonView;
  /** Seconds. */
  readonly created: number;
  state: 'created' | 'running' | 'paused' | 'exited';
  exitCode: number;
  readonly stdin: Duplex;
  readonly attached: Set<Attached>;
  readonly log: { readonly stream: 1 | 2; readonly data: Uint8Array }[];
  readonly followers: Set<() => void>;
  readonly onExit: Set<(code: number) => void>;
  readonly onRemoved: Set<(code: number) => void>;
  kill: (signal: number) => void;
  size: { rows: number; columns: number };
}

interface FakeExec {
  readonly id: string;
  readonly body: JsonView;
  exitCode: number;
  size: { rows: number; columns: number };
}

const numbers: Readonly<Record<string, number>> = { HUP: 1, INT: 2, QUIT: 3, KILL: 9, USR1: 10, USR2: 12, TERM: 15, WINCH: 28 };

class Refusal extends Error {
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** What the fake engine knows at first. */
export interface FakeEngineOptions {
  /** Names of images that are there. */
  readonly images?: readonly string[];
  /** Names of images that can be pulled. */
  readonly registry?: readonly string[];
  /** Fixed answers for what has no behaviour here: `GET /info` and the like. */
  readonly answers?: Readonly<Record<string, Json | string>>;
  /** Seconds since the epoch at which everything was made. */
  readonly created?: number;
}

/** A small Docker engine with real behaviour over programs in TypeScript: state, attach before start, wait, logs, exec, pull. */
export class FakeEngine {
  readonly requests: SeenRequest[] = [];
  readonly #seen = new Emitter<number>();
  readonly #containers = new Map<string, FakeContainer>();
  readonly #execs = new Map<string, FakeExec>();
  readonly #images: Set<string>;
  readonly #registry: ReadonlySet<string>;
  readonly #answers: Readonly<Record<string, Json | string>>;
  readonly #created: number;
  #serial = 0;

  constructor(options: FakeEngineOptions = {}) {
    this.#images = new Set(options.images ?? ['busybox:latest']);
    this.#registry = new Set(options.registry ?? []);
    this.#answers = options.answers ?? {};
    this.#created = options.created ?? Math.trunc(Date.now() / 1000) - 3 * 3600;
  }

  readonly handler: HttpHandler = async (request) => {
    const text = fromUtf8(await readAll(request.body));
    const body = text === '' ? null : parseJson(text);
    const response = await this.#answer(request, body).catch((error: unknown) => {
      if (error instanceof Refusal) return json(error.status, { message: error.message });
      return json(500, { message: error instanceof Error ? error.message : String(error) });
    });
    this.requests.push({ method: request.method, target: request.target, body, status: response.status });
    this.#seen.emit(this.requests.length);
    return response;
  };

  /** Resolves once a request was answered whose method and target, without version, match. */
  async saw(pattern: RegExp): Promise<SeenRequest> {
    for (;;) {
      const found = this.requests.find(({ method, target }) => pattern.test(`${method} ${target.replace(/^\/v1\.\d+/, '')}`));
      if (found !== undefined) return found;
      await new Promise<void>((resolve) => {
        const subscription = this.#seen.event(() => {
          subscription.dispose();
          resolve();
        });
      });
    }
  }

  async #answer(request: HttpRequest, body: Json): Promise<HttpResponse> {
    const [path = '', search = ''] = request.target.replace(/^\/v1\.\d+/, '').split('?');
    const query = new URLSearchParams(search);
    const canned =
      this.#answers[`${request.method} ${path}${search === '' ? '' : `?${search}`}`] ?? this.#answers[`${request.method} ${path}`];
    if (canned !== undefined) return typeof canned === 'string' ? stream(canned) : json(200, canned);
    if (path === '/_ping') return ping();
    const parts = path
      .split('/')
      .filter((part) => part !== '')
      .map(decodeURIComponent);
    const call: Call = { request, body: new JsonView(body), query };
    if (parts[0] === 'containers') return this.#containersCall(parts.slice(1), call);
    if (parts[0] === 'exec') return this.#execCall(parts.slice(1), call);
    if (path === '/images/create') return this.#pull(query);
    throw new Refusal(404, 'page not found');
  }

  async #containersCall(parts: readonly string[], call: Call): Promise<HttpResponse> {
    const { request, query, body } = call;
    const [id = '', verb] = parts;
    if (id === 'json' && verb === undefined) return json(200, this.#list(query));
    if (id === 'create') return this.#create(query, body);
    const container = this.#find(id);
    switch (`${request.method} ${verb ?? ''}`) {
      case 'GET json':
        return json(200, inspect(container));
      case 'POST attach':
        return this.#attach(container, query);
      case 'POST wait':
        return this.#wait(container, query);
      case 'POST start':
        return this.#start(container);
      case 'POST kill':
      case 'POST stop':
        return this.#kill(container, verb === 'kill' ? (query.get('signal') ?? 'KILL') : 'TERM');
      case 'POST resize':
        container.size = { rows: Number(query.get('h')), columns: Number(query.get('w')) };
        return empty(200);
      case 'GET logs':
        return this.#logs(container, query, request.signal);
      case 'POST exec':
        return this.#createExec(body);
      case 'POST rename':
        container.name = query.get('name') ?? '';
        return empty(204);
      case 'POST pause':
      case 'POST unpause':
        container.state = verb === 'pause' ? 'paused' : 'running';
        return empty(204);
      case 'GET top':
        return json(200, { Titles: ['PID', 'USER', 'COMMAND'], Processes: [['1', 'root', container.body.strings('Cmd').join(' ')]] });
      case 'DELETE ':
        return this.#remove(container, query.get('force') === '1');
      default:
        throw new Refusal(404, 'page not found');
    }
  }

  #find(id: string): FakeContainer {
    const found = [...this.#containers.values()].find(
      (container) => container.id.startsWith(id) || container.name === id.replace(/^\//, ''),
    );
    if (found === undefined) throw new Refusal(404, `No such container: ${id}`);
    return found;
  }

  #newId(): string {
    this.#serial++;
    return `${this.#serial.toString(16).padStart(12, 'c0ffee000000')}${'ab'.repeat(26)}`;
  }

  #create(query: URLSearchParams, body: JsonView): HttpResponse {
    const image = body.string('Image');
    if (!this.#images.has(image.includes(':') ? image : `${image}:latest`))
      throw new Refusal(404, `No such image: ${image.includes(':') ? image : `${image}:latest`}`);
    const id = this.#newId();
    const name = query.get('name') ?? `happy_name${this.#serial}`;
    const other = [...this.#containers.values()].find((container) => container.name === name);
    if (other !== undefined) {
      throw new Refusal(
        409,
        `Conflict. The container name "/${name}" is already in use by container "${other.id}". You have to remove (or rename) that container to be able to reuse that name.`,
      );
    }
    this.#containers.set(id, {
      id,
      name,
      body,
      created: this.#created,
      state: 'created',
      exitCode: 0,
      stdin: createPipe(),
      attached: new Set(),
      log: [],
      followers: new Set(),
      onExit: new Set(),
      onRemoved: new Set(),
      kill: () => undefined,
      size: { rows: 0, columns: 0 },
    });
    return json(201, { Id: id, Warnings: [] });
  }

  #list(query: URLSearchParams): Json {
    const all = query.get('all') === '1' || query.has('limit');
    const rows = [...this.#containers.values()]
      .reverse()
      .filter((container) => all || container.state === 'running' || container.state === 'paused');
    return rows.map((container) => ({
      Id: container.id,
      Names: [`/${container.name}`],
      Image: container.body.string('Image'),
      ImageID: `sha256:${'1'.repeat(64)}`,
      Command: container.body.strings('Cmd').join(' '),
      Created: container.created,
      Ports: [],
      Labels: {},
      State: container.state,
      Status: statusText(container),
      HostConfig: { NetworkMode: 'bridge' },
      NetworkSettings: { Networks: { bridge: {} } },
      Mounts: [],
    }));
  }

  #attach(container: FakeContainer, query: URLSearchParams): HttpResponse {
    const tty = container.body.bool('Tty');
    return upgrade(tty, async (connection) => {
      const done = new Promise<void>((resolve) => container.onExit.add(() => resolve()));
      const sinks = outputs(connection.sink, tty, query);
      container.attached.add(sinks);
      // moby: only StdinOnce without a tty closes the container's stdin with the client's.
      if (query.get('stdin') === '1') void pump(connection.source, container.stdin.sink, container.body.bool('StdinOnce') && !tty);
      await done;
      await connection.sink.close();
    });
  }

  #wait(container: FakeContainer, query: URLSearchParams): HttpResponse {
    const condition = query.get('condition') ?? 'not-running';
    const pipe = createPipe();
    const answer = (code: number): void => {
      void pipe.sink.write(utf8(`{"StatusCode":${code}}\n`)).then(() => pipe.sink.close());
    };
    if (condition === 'removed') container.onRemoved.add(answer);
    else if (condition === 'not-running' && container.state !== 'running' && container.state !== 'paused') answer(container.exitCode);
    else container.onExit.add(answer);
    return { status: 200, headers: { 'content-type': 'application/json' }, body: pipe.source };
  }

  #start(container: FakeContainer): HttpResponse {
    if (container.state === 'running') return empty(304);
    const argv = commandOf(container);
    if (!isProgram(argv[0] ?? '')) {
      this.#ended(container, 127);
      throw new Refusal(
        400,
        `failed to create task for container: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: error during container init: exec: "${argv[0]}": executable file not found in $PATH: unknown`,
      );
    }
    container.state = 'running';
    const killed = new Promise<number>((resolve) => {
      container.kill = resolve;
    });
    const process = {
      argv,
      env: container.body.strings('Env'),
      tty: container.body.bool('Tty'),
      stdin: container.body.bool('OpenStdin') ? container.stdin.source : { read: () => Promise.resolve(null), cancel: () => undefined },
      stdout: record(container, 1),
      stderr: record(container, 2),
      killed,
      size: () => container.size,
    };
    void runProgram(process).then((code) => this.#ended(container, code));
    return empty(204);
  }

  #ended(container: FakeContainer, code: number): void {
    container.state = 'exited';
    container.exitCode = code;
    if (container.body.get('HostConfig').bool('AutoRemove')) this.#drop(container);
    const listeners = [...container.onExit, ...container.onRemoved, ...[...container.followers].map((wake) => () => wake())];
    container.onExit.clear();
    container.attached.clear();
    for (const listener of listeners) listener(code);
  }

  #drop(container: FakeContainer): void {
    this.#containers.delete(container.id);
  }

  #kill(container: FakeContainer, signal: string): HttpResponse {
    if (container.state !== 'running')
      throw new Refusal(409, `cannot kill container: ${container.id}: container ${container.id} is not running`);
    const number = numbers[signal.replace(/^SIG/, '')] ?? Number(signal);
    if (number !== numbers['WINCH'] && heeds(commandOf(container)[0] ?? '', number)) container.kill(number);
    return empty(204);
  }

  #remove(container: FakeContainer, force: boolean): HttpResponse {
    if (container.state === 'running' && !force) {
      throw new Refusal(
        409,
        `cannot remove container "/${container.name}": container is running: stop the container before removing or force remove`,
      );
    }
    container.kill(9);
    this.#drop(container);
    return empty(204);
  }

  #logs(container: FakeContainer, query: URLSearchParams, signal: AbortSignal): HttpResponse {
    const pipe = createPipe();
    const tty = container.body.bool('Tty');
    const tail = query.get('tail') ?? 'all';
    let next = tail === 'all' ? 0 : Math.max(0, container.log.length - Number(tail));
    const flush = async (): Promise<void> => {
      for (; next < container.log.length; next++) {
        const entry = container.log[next];
        if (entry !== undefined) await pipe.sink.write(tty ? entry.data : frame(entry.stream, entry.data));
      }
      const follows = query.get('follow') === '1' && container.state === 'running';
      if (!follows) await pipe.sink.close();
    };
    const wake = (): void => void flush().catch(() => undefined);
    container.followers.add(wake);
    signal.addEventListener('abort', () => container.followers.delete(wake));
    wake();
    return { status: 200, headers: { 'content-type': 'application/vnd.docker.multiplexed-stream' }, body: pipe.source };
  }

  #createExec(body: JsonView): HttpResponse {
    const id = this.#newId();
    this.#execs.set(id, { id, body, exitCode: 0, size: { rows: 0, columns: 0 } });
    return json(201, { Id: id });
  }

  async #execCall(parts: readonly string[], { request, query, body }: Call): Promise<HttpResponse> {
    const [id = '', verb] = parts;
    const exec = this.#execs.get(id);
    if (exec === undefined) throw new Refusal(404, `No such exec instance: ${id}`);
    if (verb === 'json') return json(200, { ID: id, Running: false, ExitCode: exec.exitCode });
    if (verb === 'resize') {
      exec.size = { rows: Number(query.get('h')), columns: Number(query.get('w')) };
      return empty(200);
    }
    if (request.method !== 'POST' || verb !== 'start') throw new Refusal(404, 'page not found');
    if (body.bool('Detach')) return empty(200);
    return this.#startExec(exec);
  }

  #startExec(exec: FakeExec): HttpResponse {
    const tty = exec.body.bool('Tty');
    return upgrade(tty, async (connection) => {
      const { out, err } = outputs(connection.sink, tty, new URLSearchParams('stdout=1&stderr=1'));
      const none: ByteSink = { write: () => Promise.resolve(), close: () => Promise.resolve(), abort: () => undefined };
      const process = {
        argv: exec.body.strings('Cmd'),
        env: exec.body.strings('Env'),
        tty,
        stdin: connection.source,
        stdout: out ?? none,
        stderr: err ?? none,
        killed: new Promise<number>(() => undefined),
        size: () => exec.size,
      };
      exec.exitCode = await runProgram(process).catch(async (error: unknown) => {
        await process.stdout.write(utf8(`OCI runtime exec failed: ${error instanceof Error ? error.message : ''}: unknown\r\n`));
        return 127;
      });
      await connection.sink.close();
    });
  }

  #pull(query: URLSearchParams): HttpResponse {
    const name = (query.get('fromImage') ?? '').replace(/^docker\.io\/(library\/)?/, '');
    const tag = query.get('tag') ?? 'latest';
    if (!this.#registry.has(`${name}:${tag}`)) {
      throw new Refusal(
        404,
        `pull access denied for ${name}, repository does not exist or may require 'docker login': denied: requested access to the resource is denied`,
      );
    }
    this.#images.add(`${name}:${tag}`);
    const layer = { id: '8b3b1b5b6c1e' };
    return stream(
      [
        { status: `Pulling from library/${name}`, id: tag },
        { status: 'Pulling fs layer', progressDetail: {}, ...layer },
        { status: 'Downloading', progressDetail: { current: 1_048_576, total: 4_194_304 }, progress: '[===>   ]', ...layer },
        { status: 'Download complete', progressDetail: {}, ...layer },
        { status: 'Extracting', progressDetail: { current: 4_194_304, total: 4_194_304 }, progress: '[=====>]', ...layer },
        { status: 'Pull complete', progressDetail: {}, ...layer },
        { status: `Digest: sha256:${'d'.repeat(64)}` },
        { status: `Status: Downloaded newer image for ${name}:${tag}` },
      ]
        .map((message) => `${JSON.stringify(message)}\r\n`)
        .join(''),
    );
  }
}

interface Call {
  readonly request: HttpRequest;
  readonly body: JsonView;
  readonly query: URLSearchParams;
}

function commandOf(container: FakeContainer): readonly string[] {
  return [...container.body.strings('Entrypoint'), ...container.body.strings('Cmd')];
}

function statusText(container: FakeContainer): string {
  if (container.state === 'created') return 'Created';
  if (container.state === 'exited') return `Exited (${container.exitCode}) 2 hours ago`;
  return `Up 3 hours${container.state === 'paused' ? ' (Paused)' : ''}`;
}

function inspect(container: FakeContainer): Json {
  const { json: config } = container.body;
  const running = container.state === 'running' || container.state === 'paused';
  return {
    Id: container.id,
    Created: new Date(container.created * 1000).toISOString(),
    State: {
      Status: container.state,
      Running: running,
      Paused: container.state === 'paused',
      Restarting: false,
      ExitCode: container.exitCode,
    },
    Name: `/${container.name}`,
    Config: isObject(config) ? config : {},
    HostConfig: container.body.get('HostConfig').json,
  };
}

/** What the container writes goes to its log and to everyone attached. */
function record(container: FakeContainer, stream: 1 | 2): ByteSink {
  return {
    async write(data) {
      container.log.push({ stream, data });
      for (const { out, err } of container.attached) await (stream === 1 ? out : err)?.write(data);
      for (const wake of container.followers) wake();
    },
    close: () => Promise.resolve(),
    abort: () => undefined,
  };
}

function outputs(sink: ByteSink, tty: boolean, query: URLSearchParams): Attached {
  const to = (stream: 1 | 2): ByteSink => ({ ...sink, write: (data) => sink.write(tty ? data : frame(stream, data)) });
  return { out: query.get('stdout') === '1' ? to(1) : null, err: query.get('stderr') === '1' ? to(2) : null };
}

function frame(stream: 1 | 2, data: Uint8Array): Uint8Array {
  const framed = new Uint8Array(8 + data.length);
  framed[0] = stream;
  new DataView(framed.buffer).setUint32(4, data.length);
  framed.set(data, 8);
  return framed;
}

async function pump(source: ByteSource, sink: ByteSink, closes: boolean): Promise<void> {
  for await (const chunk of iterate(source)) await sink.write(chunk);
  if (closes) await sink.close();
}

function json(status: number, value: Json): HttpResponse {
  return { status, headers: { 'content-type': 'application/json' }, body: utf8(`${JSON.stringify(value)}\n`) };
}

function stream(text: string): HttpResponse {
  return { status: 200, headers: { 'content-type': 'application/json' }, body: utf8(text) };
}

function empty(status: number): HttpResponse {
  return { status, headers: {}, body: null };
}

function ping(): HttpResponse {
  return {
    status: 200,
    headers: {
      'api-version': '1.50',
      ostype: 'linux',
      'docker-experimental': 'false',
      'builder-version': '1',
      swarm: 'inactive',
      'content-type': 'text/plain',
    },
    body: utf8('OK'),
  };
}

function upgrade(tty: boolean, hijack: (connection: Duplex) => Promise<void>): HttpResponse {
  const type = tty ? 'application/vnd.docker.raw-stream' : 'application/vnd.docker.multiplexed-stream';
  return { status: 101, headers: { 'content-type': type, connection: 'Upgrade', upgrade: 'tcp' }, body: null, hijack };
}
