import type { Backend, SystemBackend } from '../../src/api/backend.ts';
import { AppError } from '../../src/base/errors.ts';
import { systemClock } from '../../src/engine/clock.ts';
import { createEventLog } from '../../src/engine/events/log.ts';
import { createImages } from '../../src/engine/images/images.ts';
import { testLayout } from '../../src/engine/images/testing/layout.ts';
import { bundledRegistry } from '../../src/engine/registry/bundled.ts';
import { apiVersion, minApiVersion, type Network } from '../../src/protocol/engine-api.ts';
import { fakeContainers, type FakeContainers } from './fake-containers.ts';

export interface FakeEngine extends Backend {
  readonly seen: FakeContainers['seen'];
}

const layout = testLayout([{ name: 'docker.io/library/busybox:latest', layers: [[{ path: 'bin/sh', mode: 0o755, data: 'x' }]] }]);

/** An engine for tests of the API: the real image store over a small layout, and containers in memory. */
export function fakeEngine(): FakeEngine {
  const clock = systemClock();
  const log = createEventLog(clock);
  const images = createImages({
    registry: bundledRegistry(layout.fetchBlob),
    layers: { add: () => undefined, remove: () => undefined },
    inflate: (source) => source,
    uses: { usersOf: () => [] },
    log,
    clock,
  });
  const containers = fakeContainers(images, log);
  const networks = {
    list: async () => [bridge],
    inspect: async (id: string) => {
      if (id === 'bridge' || bridge.Id.startsWith(id)) return bridge;
      throw new AppError('not_found', `network ${id} not found`);
    },
  };
  return { ...containers, images, networks, system: system(images, containers), log };
}

const bridge: Network = {
  Name: 'bridge',
  Id: 'b'.repeat(64),
  Created: '2024-01-01T00:00:00Z',
  Scope: 'local',
  Driver: 'bridge',
  EnableIPv4: true,
  EnableIPv6: false,
  IPAM: { Driver: 'default', Options: null, Config: [{ Subnet: '172.17.0.0/16', Gateway: '172.17.0.1' }] },
  Internal: false,
  Attachable: false,
  Ingress: false,
  ConfigFrom: { Network: '' },
  ConfigOnly: false,
  Containers: {},
  Options: {},
  Labels: {},
};

function system(images: ReturnType<typeof createImages>, { containers }: FakeContainers): SystemBackend {
  return {
    info: async () => ({
      ID: 'fake',
      Containers: 0,
      ContainersRunning: 0,
      ContainersPaused: 0,
      ContainersStopped: 0,
      Images: images.totals().images,
      Driver: 'overlay2',
      DriverStatus: [['Backing Filesystem', 'extfs']],
      Plugins: { Volume: ['local'], Network: ['bridge'], Authorization: null, Log: ['json-file'] },
      MemoryLimit: true,
      SwapLimit: false,
      CpuCfsPeriod: true,
      CpuCfsQuota: true,
      CPUShares: true,
      CPUSet: false,
      PidsLimit: true,
      IPv4Forwarding: true,
      Debug: false,
      NFd: 1,
      OomKillDisable: false,
      NGoroutines: 1,
      SystemTime: '2024-01-01T00:00:00Z',
      LoggingDriver: 'json-file',
      CgroupDriver: 'cgroupfs',
      CgroupVersion: '2',
      NEventsListener: 0,
      KernelVersion: '6.1',
      OperatingSystem: 'Fake',
      OSVersion: '1',
      OSType: 'linux',
      Architecture: 'i686',
      IndexServerAddress: '',
      RegistryConfig: { InsecureRegistryCIDRs: [], IndexConfigs: {}, Mirrors: null },
      NCPU: 1,
      MemTotal: 1,
      GenericResources: null,
      DockerRootDir: '/var/lib/docker',
      HttpProxy: '',
      HttpsProxy: '',
      NoProxy: '',
      Name: 'fake',
      Labels: [],
      ExperimentalBuild: false,
      ServerVersion: '0',
      Runtimes: { runc: { path: 'runc' } },
      DefaultRuntime: 'runc',
      Swarm: { NodeID: '', NodeAddr: '', LocalNodeState: 'inactive', ControlAvailable: false, Error: '', RemoteManagers: null },
      LiveRestoreEnabled: false,
      Isolation: '',
      InitBinary: '',
      ContainerdCommit: { ID: '' },
      RuncCommit: { ID: '' },
      InitCommit: { ID: '' },
      SecurityOptions: [],
      CDISpecDirs: [],
      Warnings: null,
    }),
    version: async () => ({
      Platform: { Name: 'fake' },
      Components: [],
      Version: '0',
      ApiVersion: apiVersion,
      MinAPIVersion: minApiVersion,
      GitCommit: '',
      GoVersion: '',
      Os: 'linux',
      Arch: '386',
      KernelVersion: '6.1',
      BuildTime: '',
    }),
    diskUsage: async () => ({
      LayersSize: images.totals().layerBytes,
      Images: await images.list({ filters: {}, sharedSize: true }),
      Containers: await containers.list({ all: true, limit: 0, size: true, filters: {} }),
      Volumes: [],
      BuildCache: [],
    }),
  };
}
