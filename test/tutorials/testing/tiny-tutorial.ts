import type { TutorialFiles } from '../../../src/tutorial/index.ts';

/** A tutorial that the tiny engine can play: an event, a variable in a file, a level that must last. It proves the harness, whatever the real ones say. */
export const tinyTutorialFiles: TutorialFiles = {
  'tiny/tutorial.yaml': `
id: tiny
version: 1
title: Tiny
summary: Everything that a trial can stumble on.
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
  - when: { container: { image: hello-world, state: created } }
    say: Nothing has started it.
  - when: { image: { name: hello-world } }
    say: The image is here.
solution:
  - run: docker run hello-world
accept:
  - ["docker container run hello-world:latest"]
  - ["docker run --rm hello-world"]
  - ["docker create --name hello hello-world", "docker start hello"]
reject:
  - { run: ["docker pull hello-world"], hint: 1 }
  - { run: ["docker create hello-world"], hint: 0 }
  - { run: ["docker run busybox true"] }
---
Say hello.
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
accept:
  - ['docker run -it busybox sh -c "echo \${WORD} > /note"']
reject:
  - { run: ["docker run busybox sh", "echo \${WORD} > /note"] }
---
Write \${WORD}.
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
  - when: { container: { name: web, state: exited } }
    say: It has stopped.
  - when: { container: { name: web, state: running, attached: true } }
    say: Your terminal belongs to it.
solution:
  - run: docker run -d --name web nginx
accept:
  - ["docker create --name web nginx", "docker start web"]
reject:
  - run:
      - type: "docker run --name web nginx\\n"
      - wait: { kernel: { of: "container:web", cgroup: { pids.current: { at-least: 2 } } } }
      - keys: [C-c]
    hint: 0
  - run:
      - type: "docker run --name web nginx\\n"
      - wait: { kernel: { of: "container:web", cgroup: { pids.current: { at-least: 2 } } } }
    hint: 1
  - { run: ["docker run -d -t --name web nginx"] }
---
Leave it running.
`,
};
