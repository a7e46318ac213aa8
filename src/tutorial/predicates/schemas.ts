/** How each predicate is written. Apart from the registry, so that what only checks does not load zod. */
import type { z } from 'zod';
import { lazily } from '../format/lazily.ts';
import { schema as answer } from './answer.ts';
import { schema as container } from './container.ts';
import { schema as count } from './count.ts';
import { schema as event } from './event.ts';
import { schema as exec } from './exec.ts';
import { schema as file } from './file.ts';
import { schema as http } from './http.ts';
import { schema as image } from './image.ts';
import { schema as kernel } from './kernel.ts';
import { schema as lookup } from './lookup.ts';
import { schema as mount } from './mount.ts';
import { schema as network } from './network.ts';
import { schema as process } from './process.ts';
import { schema as processes } from './processes.ts';
import type { LeafName, Matches } from './registry.ts';
import { schema as request } from './request.ts';
import { schema as volume } from './volume.ts';

export const leafShape = /* @__PURE__ */ lazily(
  () =>
    ({
      container: container().optional(),
      image: image().optional(),
      network: network().optional(),
      volume: volume().optional(),
      count: count().optional(),
      file: file().optional(),
      kernel: kernel().optional(),
      processes: processes().optional(),
      http: http().optional(),
      process: process().optional(),
      mount: mount().optional(),
      event: event().optional(),
      request: request().optional(),
      lookup: lookup().optional(),
      exec: exec().optional(),
      answer: answer().optional(),
    }) satisfies { readonly [K in LeafName]: z.ZodType<Matches[K] | undefined> },
);
