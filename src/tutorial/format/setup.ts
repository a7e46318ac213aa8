/** What is there before the learner begins: `setup` of a tutorial and of a step. */
import { z } from 'zod';
import { lazily } from './lazily.ts';

const name = /* @__PURE__ */ lazily(() => z.string().min(1));
const texts = /* @__PURE__ */ lazily(() => z.record(z.string().min(1), z.string()).optional());

const container = /* @__PURE__ */ lazily(() =>
  z.strictObject({
    name: name().describe('Its name. Another container of this name is replaced.'),
    image: name().describe('Image reference.'),
    command: z.array(z.string()).optional().describe("What it runs, in words; the image's own command unless given."),
    env: texts().describe('Environment variables by name.'),
    labels: texts().describe('Labels by name.'),
    user: name().optional().describe('User, as of --user.'),
    workdir: name().optional().describe('Working directory.'),
    hostname: name().optional().describe('Host name.'),
    restart: name().optional().describe('Restart policy, as of --restart.'),
    memory: name().optional().describe('Memory limit, e.g. 64m.'),
    init: z.boolean().optional().describe("Whether PID 1 is the engine's own init."),
    tty: z.boolean().optional().describe('Whether it has a terminal.'),
  }),
);
export type SetupContainer = z.infer<ReturnType<typeof container>>;

/** Carried out in order by the command line of the guest, each unless it is so already: a container of that name, image and command is left as it is. */
const operation = /* @__PURE__ */ lazily(() =>
  z
    .union([
      z.strictObject({ pull: name().describe('An image that is to be there.') }),
      z.strictObject({
        create: z
          .union([name().describe("Of a step: a container of the tutorial's setup, by its name."), container()])
          .describe('A container that is to be there, created but not started.'),
      }),
      z.strictObject({
        start: name().describe(
          "A container that is to run: one that is created before, or of the tutorial's setup, which is created if it is gone.",
        ),
      }),
      z.strictObject({
        files: z
          .record(z.string().startsWith('/'), z.string())
          .describe('Files of the guest by path, with their whole text; existing ones are replaced.'),
      }),
    ])
    .meta({ id: 'setup' }),
);
export type SetupOperation = z.infer<ReturnType<typeof operation>>;

export const setup = /* @__PURE__ */ lazily(() => z.array(operation()).default([]));
