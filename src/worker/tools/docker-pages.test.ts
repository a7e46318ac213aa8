import { expect, test } from 'vitest';
import { fromUtf8 } from '../../base/bytes.ts';
import { dockerPages } from './docker-pages.ts';

const pages = new Map(dockerPages().map(({ path, contents }) => [path.replace('usr/share/man/', ''), fromUtf8(contents)]));

function proseOf(page: string): string[] {
  return page.split('\n').filter((line) => !/^ *\$ /.test(line));
}

test('each docker command that is supported has a page with its own flags', () => {
  expect(pages.get('docker-run')).toMatch(/^DOCKER-RUN\(1\)\n\nNAME\n {4}docker-run - Create and run a new container from an image\n/);
  expect(pages.get('docker-run')).toContain('--volumes-from list');
  expect(pages.get('docker-container-ls')).toContain('docker container ls, docker container list, docker container ps, docker ps');
  expect(pages.get('docker-network')).toContain('connect     Connect a container to a network');
  expect(pages.get('docker')).toContain('Management Commands:');
});

test('a command that is refused has none', () => {
  expect([...pages.keys()].filter((name) => name.startsWith('docker-swarm'))).toEqual([]);
});

test('a page is no wider than a terminal of 120 columns, but for examples as Docker has them, and names where to read on', () => {
  for (const [name, text] of pages) {
    expect(text, name).toMatch(/\n\nSEE ALSO\n {4}\S+/);
    expect(Math.max(...proseOf(text).map((line) => line.length)), name).toBeLessThanOrEqual(120);
  }
});
