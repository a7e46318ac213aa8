import type { Json } from '../../../src/cli/json.ts';

const hoursAgo = (hours: number): number => Math.trunc(Date.now() / 1000) - hours * 3600 - 30;
const id = (letter: string): string => letter.repeat(64);

/** Containers with everything that a list can show. */
const containers: Json = [
  {
    Id: id('a'),
    Names: ['/front/alias', '/web'],
    Image: 'nginx:1.27@sha256:' + id('b'),
    ImageID: `sha256:${id('c')}`,
    Command: "/docker-entrypoint.sh nginx -g 'daemon off;'",
    Created: hoursAgo(26),
    Ports: [
      { IP: '0.0.0.0', PrivatePort: 80, PublicPort: 8080, Type: 'tcp' },
      { IP: '::', PrivatePort: 80, PublicPort: 8080, Type: 'tcp' },
      { PrivatePort: 443, Type: 'tcp' },
      { PrivatePort: 444, Type: 'tcp' },
      { IP: '127.0.0.1', PrivatePort: 9000, PublicPort: 9000, Type: 'udp' },
      { IP: '127.0.0.1', PrivatePort: 9001, PublicPort: 9001, Type: 'udp' },
    ],
    SizeRw: 1095,
    SizeRootFs: 192_345_678,
    Labels: { b: '2', a: '1' },
    State: 'running',
    Status: 'Up 3 seconds (Paused)',
    HostConfig: { NetworkMode: 'bridge' },
    NetworkSettings: { Networks: { bridge: { IPAddress: '172.17.0.2' } } },
    Mounts: [
      { Type: 'volume', Name: 'averyveryverylongvolumename', Source: '/x', Destination: '/d', Driver: 'local', Mode: '', RW: true, Propagation: '' },
      { Type: 'bind', Source: '/host/path', Destination: '/b', Mode: '', RW: true, Propagation: '' },
    ],
  },
  {
    Id: id('d'),
    Names: ['/db'],
    Image: `sha256:${id('e')}`,
    ImageID: `sha256:${id('e')}`,
    Command: '',
    Created: hoursAgo(0),
    Ports: [],
    SizeRw: 0,
    SizeRootFs: 0,
    Labels: {},
    State: 'exited',
    Status: 'Exited (137) About a minute ago',
    HostConfig: { NetworkMode: 'host' },
    NetworkSettings: { Networks: {} },
    Mounts: [],
  },
];

export const answers: Readonly<Record<string, Json | string>> = {
  'GET /containers/json': containers,
};
