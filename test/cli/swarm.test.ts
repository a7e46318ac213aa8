import { describe, expect, it } from 'vitest';
import { docker } from '../../src/cli/testing/fake-session.ts';
import { cliEngine } from './engine.ts';

const notAManager =
  'Error response from daemon: This node is not a swarm manager. Use "docker swarm init" or "docker swarm join" to connect this node to swarm and try again.\n';

describe('without a swarm, as Docker 28.5 without one', () => {
  it.each(
    [
      ['service ls', 'service create --replicas 2 busybox sleep 5', 'service ps web', 'service rm web', 'service logs web'],
      ['service update --image busybox web', 'service rollback web', 'node ls', 'node ps', 'node rm x', 'node update --role worker x'],
      ['node promote x', 'secret ls', 'secret rm x', 'secret create s -', 'config ls', 'config rm x', 'stack ls', 'stack ps x'],
      ['stack services x', 'stack rm x', 'swarm ca', 'swarm join-token worker', 'swarm update --autolock'],
    ].flat(),
  )('docker %s says that the node is no manager', async (line) => {
    const { handler } = await cliEngine();
    expect(await docker(handler, line.split(' '))).toEqual({ status: 1, stdout: '', stderr: notAManager });
  });

  it.each(['service inspect x', 'node inspect x', 'secret inspect x', 'config inspect x'])(
    'docker %s has found nothing before',
    async (line) => {
      const { handler } = await cliEngine();
      expect(await docker(handler, line.split(' '))).toEqual({ status: 1, stdout: '[]\n', stderr: notAManager });
    },
  );

  it.each([
    ['swarm leave', 'Error response from daemon: This node is not part of a swarm\n'],
    ['swarm unlock', 'Error: This node is not part of a swarm\n'],
    ['swarm unlock-key', `could not fetch unlock key: ${notAManager}`],
    ['swarm init', "docker: 'docker swarm init' is not supported by Drydock: there is one node only\n"],
  ])('docker %s says %j', async (line, stderr) => {
    const { handler } = await cliEngine();
    expect(await docker(handler, line.split(' '))).toEqual({ status: 1, stdout: '', stderr });
  });

  it('every call of the API about one answers 503', async () => {
    const { handler } = await cliEngine();
    for (const [method, target] of [
      ['GET', '/v1.50/services'],
      ['POST', '/v1.50/services/create'],
      ['POST', '/v1.50/services/web/update?version=1'],
      ['GET', '/v1.50/services/web/logs?stdout=1'],
      ['POST', '/v1.50/nodes/x/update?version=1'],
      ['GET', '/v1.50/tasks/x/logs'],
      ['DELETE', '/v1.50/secrets/x'],
    ] as const) {
      const body = { read: () => Promise.resolve(null), cancel: () => undefined };
      const { status } = await handler({ method, target, headers: {}, body, signal: new AbortController().signal, transport: 'cli' });
      expect(`${method} ${target} ${status}`).toBe(`${method} ${target} 503`);
    }
  });
});
