import type { TutorialFiles } from '../../../src/tutorial/load/index.ts';

/** A tutorial that the tiny engine can play: an event, a variable in a file, a level that must last. It proves the harness, whatever the real ones say. */
export const tinyTutorialFiles: TutorialFiles = {
  'tiny/tutorial.yaml': `
id: tiny
version: 1
title: Tiny
summary: Everything that a trial can stumble on.
learned: [It works.]
track: use
level: 1
minutes: 1
needs: []
requires: [engine]
images: [hello-world, busybox, nginx]
vars:
  WORD: { pick: [maple, harbor, quartz, lantern, pepper, violet] }
terminals: 1
steps: [hello, look-inside, leave-running]
`,
  'tiny/steps/10-hello.md': `---
id: hello
title: Say hello
kind: do
check:
  event: { type: container, action: die, image: hello-world, exitCode: 0 }
hints:
  not-started:
    when: { container: { image: hello-world, state: created } }
    say: Nothing has started it.
  only-pulled:
    when: { image: { name: hello-world } }
    say: The image is here.
solution:
  - run: docker run hello-world
---
Say hello.
`,
  'tiny/steps/10-hello.trials.yaml': `
accept:
  long-form: ["docker container run hello-world:latest"]
  removed-after: ["docker run --rm hello-world"]
  create-then-start: ["docker create --name hello hello-world", "docker start hello"]
reject:
  only-pulled: { run: ["docker pull hello-world"], hint: only-pulled }
  only-created: { run: ["docker create hello-world"], hint: not-started }
  another-image: { run: ["docker run busybox true"] }
`,
  'tiny/steps/20-look-inside.md': `---
id: look-inside
title: Look inside
kind: do
check:
  container: { image: busybox, tty: true, openStdin: true, state: exited, files: { /note: { content: "\${WORD}" } } }
solution:
  - run: docker run -it busybox sh
  - run: echo \${WORD} > /note
  - run: exit
---
Write \${WORD}.
`,
  'tiny/steps/20-look-inside.trials.yaml': `
accept:
  no-shell: ['docker run -it busybox sh -c "echo \${WORD} > /note"']
reject:
  no-flags: { run: ["docker run busybox sh", "echo \${WORD} > /note"] }
`,
  'tiny/steps/30-leave-running.md': `---
id: leave-running
title: Leave it running
kind: do
needs: [hello]
check:
  all:
    - container: { name: web, state: running, image: nginx, attached: false, for: 2s }
    - not: { container: { name: web, tty: true } }
hints:
  stopped:
    when: { container: { name: web, state: exited } }
    say: It has stopped.
  attached:
    when: { container: { name: web, state: running, attached: true } }
    say: Your terminal belongs to it.
solution:
  - run: docker run -d --name web nginx
---
Leave it running.
`,
  'tiny/steps/30-leave-running.trials.yaml': `
accept:
  create-then-start: ["docker create --name web nginx", "docker start web"]
reject:
  stopped-with-ctrl-c:
    run:
      - type: "docker run --name web nginx\\n"
      - wait: { kernel: { of: "container:web", cgroup: { pids.current: { at-least: 2 } } } }
      - keys: [C-c]
    hint: stopped
  attached:
    run:
      - type: "docker run --name web nginx\\n"
      - wait: { kernel: { of: "container:web", cgroup: { pids.current: { at-least: 2 } } } }
    hint: attached
  has-terminal: { run: ["docker run -d -t --name web nginx"] }
`,
};
