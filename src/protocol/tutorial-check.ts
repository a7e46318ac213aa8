/**
 * What a tutorial may ask of facts: the predicates of `check`, `was`, hints and `wait`. Unknown keys are errors. Quantities may be written
 * with units ("64M"), durations as "2s"; both are read where they are compared, because `${NAME}` is substituted after parsing.
 */
import { z } from 'zod';

const scalar = z
  .union([z.string(), z.number(), z.boolean()])
  .describe('A value: text, number or boolean; "64M" equals 67108864 in a field of bytes.');

/** One relation, or several that must all hold. */
const relationSchema = z
  .strictObject({
    not: scalar.optional().describe('Anything but this value.'),
    'one-of': z.array(scalar).min(1).optional().describe('One of these values.'),
    'at-least': scalar.optional().describe('A number or quantity that is not smaller.'),
    'at-most': scalar.optional().describe('A number or quantity that is not larger.'),
    'more-than': scalar.optional().describe('A larger number or quantity.'),
    'less-than': scalar.optional().describe('A smaller number or quantity.'),
    contains: scalar.optional().describe('Text with this part, or a list with this element.'),
    'prefix-of': z.string().min(1).optional().describe('A prefix of this text.'),
    'same-as': z
      .string()
      .min(1)
      .optional()
      .describe(
        'The same field of "entry" (this object when the step was entered), "host", or "container:NAME", "image:NAME", "network:NAME".',
      ),
    'differs-from': z.string().min(1).optional().describe('As same-as, and the two must differ.'),
  })
  .refine((relation) => Object.values(relation).some((value) => value !== undefined), 'a relation needs at least one of its words');

/** A value that must be equal, or relations. */
const matcher = z.union([scalar, relationSchema]);
export type Scalar = z.infer<typeof scalar>;
export type Relation = z.infer<typeof relationSchema>;
export type Matcher = z.infer<typeof matcher>;

const matcherMap = z.record(z.string().min(1), matcher);
const duration = z.string().regex(/^\d+(\.\d+)?(ms|s|m|h)$/, 'a duration such as 500ms, 2s or 1m');
const held = duration.optional().describe('How long it must hold without a break before it counts.');

const fileShape = {
  exists: z.boolean().optional().describe('Whether the file is there; true unless given.'),
  type: matcher.optional().describe('file, directory, symlink, character, block, fifo or socket.'),
  mode: matcher.optional().describe('Permission bits as octal text, e.g. "644".'),
  owner: matcher.optional().describe('Numeric user id of the owner.'),
  group: matcher.optional().describe('Numeric group id.'),
  size: matcher.optional().describe('Bytes.'),
  content: matcher.optional().describe('The whole text without the line breaks at its end. For text that the learner wrote.'),
};
const fileContentSchema = z.strictObject(fileShape);
export type FileMatch = z.infer<typeof fileContentSchema>;

const filePredicate = z.strictObject({
  in: z
    .string()
    .regex(/^(guest|container:.+)$/, '"guest" or "container:NAME"')
    .describe('Where the path is looked up: the Docker host itself, or the file system of a container, running or not.'),
  path: z.string().startsWith('/').describe('Absolute path.'),
  ...fileShape,
  for: held,
});
export type FilePredicate = z.infer<typeof filePredicate>;

const kernelShape = {
  comm: matcher.optional().describe('Name of the process (Name in /proc/PID/status).'),
  uid: matcher.optional().describe('Effective user id in the initial user namespace.'),
  capEff: matcher.optional().describe('Effective capabilities as 16 hexadecimal digits (CapEff).'),
  noNewPrivs: matcher.optional().describe('NoNewPrivs: 0 or 1.'),
  seccomp: matcher.optional().describe('Seccomp mode: 0, 1 or 2.'),
  nsPid: matcher.optional().describe('Process id in its innermost pid namespace (last of NSpid).'),
  namespaces: matcherMap
    .optional()
    .describe('Namespace links by type (cgroup ipc mnt net pid time user uts), e.g. net: { same-as: host }.'),
  cgroup: matcherMap.optional().describe('Files of its cgroup by name, e.g. memory.max: 64M.'),
  mounts: z
    .record(
      z.string().startsWith('/'),
      z.strictObject({
        type: matcher.optional().describe('File system type.'),
        readonly: matcher.optional().describe('Whether the mount is read-only.'),
        options: matcher.optional().describe('Mount and superblock options as a list, e.g. { contains: size=8192k }.'),
      }),
    )
    .optional()
    .describe('Mounts by mount point.'),
};
const kernelContentSchema = z.strictObject(kernelShape);
export type KernelMatch = z.infer<typeof kernelContentSchema>;

const kernelPredicate = z.strictObject({
  of: z
    .string()
    .regex(/^container:.+$/, '"container:NAME"')
    .describe('Whose init process is looked at.'),
  ...kernelShape,
  for: held,
});
export type KernelPredicate = z.infer<typeof kernelPredicate>;

const containerFieldShape = {
  name: matcher.optional().describe('Name without the leading slash.'),
  id: matcher.optional().describe('The 64 hexadecimal digits.'),
  image: matcher
    .optional()
    .describe('Image reference, normalised: nginx is docker.io/library/nginx:latest. An id of the same image matches too.'),
  state: matcher.optional().describe('created, running, paused, restarting, removing, exited or dead.'),
  exitCode: matcher.optional().describe('Exit code of the last run.'),
  oomKilled: matcher.optional().describe('Whether the kernel killed it for want of memory.'),
  pid: matcher.optional().describe('Process id of its init in the guest; 0 when not running.'),
  startedAt: matcher.optional().describe('When it was started last; for same-as: entry.'),
  restartCount: matcher.optional().describe('How often the restart policy started it again.'),
  tty: matcher.optional().describe('Whether it has a terminal (-t).'),
  openStdin: matcher.optional().describe('Whether its standard input is kept open (-i).'),
  autoRemove: matcher.optional().describe('Whether it is removed at its end (--rm).'),
  attached: matcher.optional().describe('Whether a client is attached to it now, as a foreground docker run is.'),
  command: matcher.optional().describe('Cmd as a list of words: { contains: word }, or all words with single blanks.'),
  entrypoint: matcher.optional().describe('Entrypoint, as command.'),
  user: matcher.optional().describe('User as given.'),
  workingDir: matcher.optional().describe('Working directory.'),
  hostname: matcher.optional().describe('Host name.'),
  memory: matcher.optional().describe('Memory limit in bytes; 0 for none.'),
  memorySwap: matcher.optional().describe('Memory and swap limit in bytes.'),
  cpus: matcher.optional().describe('CPU limit in CPUs; 0 for none.'),
  pidsLimit: matcher.optional().describe('Limit of processes; 0 for none.'),
  readonlyRoot: matcher.optional().describe('Whether its root file system is read-only.'),
  init: matcher.optional().describe("Whether PID 1 is the engine's own init (--init)."),
  privileged: matcher.optional().describe('Whether it is privileged.'),
  capAdd: matcher.optional().describe('Added capabilities as a list.'),
  capDrop: matcher.optional().describe('Dropped capabilities as a list.'),
  networkMode: matcher.optional().describe('Network mode.'),
  restartPolicy: matcher.optional().describe('no, always, unless-stopped or on-failure.'),
  health: matcher.optional().describe('starting, healthy or unhealthy; none without a health check.'),
  stopSignal: matcher.optional().describe('Signal of docker stop, as given.'),
};

const containerPredicate = z.strictObject({
  ...containerFieldShape,
  env: matcherMap.optional().describe('Environment variables by name.'),
  labels: matcherMap.optional().describe('Labels by name.'),
  ports: matcherMap.optional().describe('Published host port by container port, e.g. 80/tcp: 8080.'),
  mounts: z.record(z.string().startsWith('/'), matcher).optional().describe('Volume name or host path by mount point in the container.'),
  networks: matcherMap.optional().describe('Address by network name; { not: "" } for any.'),
  files: z.record(z.string().startsWith('/'), fileContentSchema).optional().describe('Files of this very container by path.'),
  kernel: kernelContentSchema.optional().describe("Kernel facts of this very container's init."),
  for: held,
});
export type ContainerPredicate = z.infer<typeof containerPredicate>;
export type ContainerField = keyof typeof containerFieldShape;

const imagePredicate = z.strictObject({
  name: matcher.optional().describe('A reference that points at it, normalised.'),
  id: matcher.optional().describe('Image id, sha256:…'),
  size: matcher.optional().describe('Bytes.'),
  containers: matcher.optional().describe('Number of containers made from it.'),
  labels: matcherMap.optional().describe('Labels by name.'),
});
export type ImagePredicate = z.infer<typeof imagePredicate>;

const networkPredicate = z.strictObject({
  name: matcher.optional().describe('Name.'),
  driver: matcher.optional().describe('Driver, e.g. bridge.'),
  containers: matcher.optional().describe('Names of connected containers as a list: { contains: web }.'),
});
export type NetworkPredicate = z.infer<typeof networkPredicate>;

const eventTypes = ['container', 'image', 'network', 'volume', 'daemon'] as const;
const eventFieldShape = {
  name: matcher.optional().describe('Name of the object.'),
  image: matcher.optional().describe('Image reference of the container, normalised.'),
  exitCode: matcher.optional().describe('Exit code, of die and exec_die.'),
  signal: matcher.optional().describe('Signal number, of kill.'),
  tty: matcher.optional().describe('Whether the container has a terminal.'),
  openStdin: matcher.optional().describe('Whether its standard input is kept open.'),
  autoRemove: matcher.optional().describe('Whether it is removed at its end.'),
  oomKilled: matcher.optional().describe('Whether the kernel killed it for want of memory.'),
  attributes: matcherMap.optional().describe('Other facts or attributes of the event by name.'),
};
const stageSchema = z.strictObject({ action: z.string().min(1).describe('Action of the event.'), ...eventFieldShape });

const eventPredicate = z.strictObject({
  type: z.enum(eventTypes).describe('What kind of object it happened to.'),
  action: z.string().min(1).describe("What happened, in Docker's words: create, start, die, destroy, exec_create …"),
  ...eventFieldShape,
  then: z
    .array(stageSchema)
    .min(1)
    .optional()
    .describe('What happened to the same object afterwards, in this order, other events in between.'),
});
export type EventPredicate = z.infer<typeof eventPredicate>;
export type EventStage = z.infer<typeof stageSchema>;

const requestPredicate = z.strictObject({
  method: z.string().min(1).describe('HTTP method.'),
  path: z
    .string()
    .startsWith('/')
    .describe('Path without the version; * stands for one segment, {web} for the container web by name, id or prefix of its id.'),
  query: matcherMap.optional().describe('Query parameters by name; a boolean is compared as Docker reads it (1, true / 0, false, absent).'),
  status: matcher.optional().describe('Status of the answer; below 400 unless given.'),
  transport: matcher.optional().describe('unix, tcp, cli or page.'),
  closedBy: matcher.optional().describe('Who ended the streaming answer: client or server.'),
});
export type RequestPredicate = z.infer<typeof requestPredicate>;

const execPredicate = z.strictObject({
  argv: z.array(z.string()).min(1).describe('The first words of the command; the first is compared by its last path segment.'),
  tty: matcher.optional().describe('Whether it had a terminal.'),
  namespaces: matcherMap.optional().describe('Namespace links by type.'),
});
export type ExecPredicate = z.infer<typeof execPredicate>;

/** A fact that an answer is compared with. */
export const factSchema = z
  .strictObject({
    container: z.string().min(1).optional().describe('Name of a container.'),
    image: z.string().min(1).optional().describe('Reference of an image.'),
    field: z.string().min(1).describe('Its field, as in the container and image predicates.'),
  })
  .refine((fact) => (fact.container === undefined) !== (fact.image === undefined), 'a fact is of one container or of one image');
export type FactRef = z.infer<typeof factSchema>;

const answerPredicate = z
  .strictObject({
    equals: factSchema.optional().describe('The answer is this fact.'),
    'prefix-of': factSchema.optional().describe('The answer is a prefix of this fact.'),
    'at-least': z.number().int().min(1).optional().describe('Least number of characters of a prefix; 4 unless given.'),
  })
  .refine(
    (answer) => (answer.equals === undefined) !== (answer['prefix-of'] === undefined),
    'an answer is compared by equals or by prefix-of',
  )
  .refine((answer) => answer['at-least'] === undefined || answer['prefix-of'] !== undefined, 'at-least belongs to prefix-of');
export type AnswerPredicate = z.infer<typeof answerPredicate>;

const countPredicate = z
  .strictObject({
    container: containerPredicate.omit({ for: true }).optional().describe('Counts containers.'),
    image: imagePredicate.optional().describe('Counts images.'),
    network: networkPredicate.optional().describe('Counts networks.'),
    event: eventPredicate.optional().describe('Counts objects to which it happened.'),
    request: requestPredicate.optional().describe('Counts requests.'),
    exactly: z
      .union([z.number().int().min(0), z.string()])
      .optional()
      .describe('This many.'),
    'at-least': z
      .union([z.number().int().min(0), z.string()])
      .optional()
      .describe('Not fewer.'),
    'at-most': z
      .union([z.number().int().min(0), z.string()])
      .optional()
      .describe('Not more.'),
  })
  .refine(
    ({ container, image, network, event, request }) =>
      [container, image, network, event, request].filter((of) => of !== undefined).length === 1,
    'count takes one of container, image, network, event, request',
  )
  .refine(
    (count) => count.exactly !== undefined || count['at-least'] !== undefined || count['at-most'] !== undefined,
    'count needs exactly, at-least or at-most',
  );
export type CountPredicate = z.infer<typeof countPredicate>;

const leafShape = {
  container: containerPredicate.optional().describe('A container exists whose fields all match.'),
  image: imagePredicate.optional().describe('An image exists whose fields all match.'),
  network: networkPredicate.optional().describe('A network exists whose fields all match.'),
  count: countPredicate.optional().describe('A number of things match.'),
  file: filePredicate.optional().describe('A file is as described.'),
  kernel: kernelPredicate.optional().describe("The kernel says this of a container's init."),
  event: eventPredicate.optional().describe('It happened, since the step was entered.'),
  request: requestPredicate.optional().describe('The engine was asked for it, since the step was entered.'),
  exec: execPredicate.optional().describe('A program was executed in the guest, since the step was entered.'),
  answer: answerPredicate.optional().describe('What the learner answered is true.'),
};
export type Leaves = { [K in keyof typeof leafShape]?: z.infer<(typeof leafShape)[K]> };
export type LeafName = keyof Leaves;

/** Exactly one of its keys is set, beside `for` and `since`. */
export interface Predicate extends Leaves {
  all?: Predicate[] | undefined;
  any?: Predicate[] | undefined;
  not?: Predicate | undefined;
  for?: string | undefined;
  since?: 'entry' | 'tutorial' | undefined;
}

const leafNames = [
  'container',
  'image',
  'network',
  'count',
  'file',
  'kernel',
  'event',
  'request',
  'exec',
  'answer',
] as const satisfies readonly LeafName[];
const predicateKeys = [...leafNames, 'all', 'any', 'not'] as const;

export const predicateSchema: z.ZodType<Predicate> = z.lazy(() =>
  z
    .strictObject({
      ...leafShape,
      all: z.array(predicateSchema).min(1).optional().describe('All of these hold together.'),
      any: z.array(predicateSchema).min(1).optional().describe('At least one of these holds.'),
      not: predicateSchema.optional().describe('This does not hold.'),
      for: duration.optional().describe('The predicate beside it holds for this long without a break.'),
      since: z
        .enum(['entry', 'tutorial'])
        .optional()
        .describe('From where the log is read: the entry of the step (unless given) or the start of the tutorial.'),
    })
    .refine(
      (predicate) => predicateKeys.filter((key) => predicate[key] !== undefined).length === 1,
      `exactly one of ${predicateKeys.join(', ')}`,
    ),
);
