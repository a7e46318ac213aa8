import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { agentHeader, agentHeaderUrl } from './agent-header.ts';

test('kernel/agent/wire/protocol.h is what scripts/agent-header.ts writes', () => {
  expect(readFileSync(agentHeaderUrl, 'utf8')).toBe(agentHeader());
});
