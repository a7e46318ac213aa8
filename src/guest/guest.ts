import { GuestArchives } from './archives.ts';
import type { GuestChannel } from './channel.ts';
import { GuestFacts } from './facts.ts';
import { GuestFirewall } from './firewall/firewall.ts';
import { GuestFiles } from './files.ts';
import { GuestLayers } from './layers.ts';
import { GuestOverlays } from './overlays.ts';
import { GuestNetworks } from './networks.ts';
import { GuestOutside } from './outside/outside.ts';
import { GuestProcesses } from './processes.ts';
import { GuestResolvers } from './resolvers.ts';
import { RestoredStreams } from './restored.ts';
import { GuestSockets } from './sockets.ts';
import { GuestVolumes } from './volumes.ts';

/** All that can be asked of a guest. Satisfies engine/runtime.ts's Runtime. */
export class Guest {
  readonly channel: GuestChannel;
  readonly processes: GuestProcesses;
  readonly networks: GuestNetworks;
  readonly firewall: GuestFirewall;
  readonly facts: GuestFacts;
  readonly files: GuestFiles;
  readonly sockets: GuestSockets;
  readonly resolvers: GuestResolvers;
  readonly outside: GuestOutside;
  readonly archives: GuestArchives;
  readonly overlayMounts: GuestOverlays;
  readonly layers: GuestLayers;
  readonly volumes: GuestVolumes;

  constructor(channel: GuestChannel) {
    this.channel = channel;
    const restored = new RestoredStreams(channel);
    this.processes = new GuestProcesses(channel, restored);
    this.resolvers = new GuestResolvers(channel, restored);
    this.outside = new GuestOutside(channel, restored);
    this.networks = new GuestNetworks(channel);
    this.firewall = new GuestFirewall(channel);
    this.facts = new GuestFacts(channel);
    this.files = new GuestFiles(channel);
    this.sockets = new GuestSockets(channel);
    this.archives = new GuestArchives(channel);
    this.overlayMounts = new GuestOverlays(channel);
    this.layers = new GuestLayers(channel);
    this.volumes = new GuestVolumes(this);
  }
}
