import { defineTypes } from './go-types.ts';

/** The Go types of answers that a --format is executed on (github.com/docker/docker api/types, v28.2): names, order and JSON tags. */
export const dockerTypes = defineTypes(`
container.InspectResponse
  *container.ContainerJSONBase
  Mounts []container.MountPoint
  Config *container.Config
  NetworkSettings *container.NetworkSettings
  ImageManifestDescriptor *v1.Descriptor omitempty

container.ContainerJSONBase
  ID string json=Id
  Created string
  Path string
  Args []string
  State *container.State
  Image string
  ResolvConfPath string
  HostnamePath string
  HostsPath string
  LogPath string
  Name string
  RestartCount int
  Driver string
  Platform string
  MountLabel string
  ProcessLabel string
  AppArmorProfile string
  ExecIDs []string
  HostConfig *container.HostConfig
  GraphDriver storage.DriverData
  SizeRw *int64 omitempty
  SizeRootFs *int64 omitempty

container.State
  Status container.ContainerState
  Running bool
  Paused bool
  Restarting bool
  OOMKilled bool
  Dead bool
  Pid int
  ExitCode int
  Error string
  StartedAt string
  FinishedAt string
  Health *container.Health omitempty

container.Health
  Status string
  FailingStreak int
  Log []*container.HealthcheckResult

container.HealthcheckResult
  Start time.Time
  End time.Time
  ExitCode int
  Output string

container.Config
  Hostname string
  Domainname string
  User string
  AttachStdin bool
  AttachStdout bool
  AttachStderr bool
  ExposedPorts map[nat.Port]struct{} omitempty
  Tty bool
  OpenStdin bool
  StdinOnce bool
  Env []string
  Cmd []string
  Healthcheck *v1.HealthcheckConfig omitempty
  ArgsEscaped bool omitempty
  Image string
  Volumes map[string]struct{}
  WorkingDir string
  Entrypoint []string
  NetworkDisabled bool omitempty
  MacAddress string omitempty
  OnBuild []string
  Labels map[string]string
  StopSignal string omitempty
  StopTimeout *int omitempty
  Shell []string omitempty

v1.HealthcheckConfig
  Test []string omitempty
  Interval time.Duration omitempty
  Timeout time.Duration omitempty
  StartPeriod time.Duration omitempty
  StartInterval time.Duration omitempty
  Retries int omitempty

container.HostConfig
  Binds []string
  ContainerIDFile string
  LogConfig container.LogConfig
  NetworkMode container.NetworkMode
  PortBindings map[nat.Port][]nat.PortBinding
  RestartPolicy container.RestartPolicy
  AutoRemove bool
  VolumeDriver string
  VolumesFrom []string
  ConsoleSize [2]uint
  Annotations map[string]string omitempty
  CapAdd []string
  CapDrop []string
  CgroupnsMode container.CgroupnsMode
  DNS []string json=Dns
  DNSOptions []string json=DnsOptions
  DNSSearch []string json=DnsSearch
  ExtraHosts []string
  GroupAdd []string
  IpcMode container.IpcMode
  Cgroup container.CgroupSpec
  Links []string
  OomScoreAdj int
  PidMode container.PidMode
  Privileged bool
  PublishAllPorts bool
  ReadonlyRootfs bool
  SecurityOpt []string
  StorageOpt map[string]string omitempty
  Tmpfs map[string]string omitempty
  UTSMode container.UTSMode
  UsernsMode container.UsernsMode
  ShmSize int64
  Sysctls map[string]string omitempty
  Runtime string omitempty
  Isolation container.Isolation
  container.Resources
  Mounts []mount.Mount omitempty
  MaskedPaths []string
  ReadonlyPaths []string
  Init *bool omitempty

container.LogConfig
  Type string
  Config map[string]string

container.RestartPolicy
  Name container.RestartPolicyMode
  MaximumRetryCount int

nat.PortBinding
  HostIP string json=HostIp
  HostPort string

container.Resources
  CPUShares int64 json=CpuShares
  Memory int64
  NanoCPUs int64 json=NanoCpus
  CgroupParent string
  BlkioWeight uint16
  BlkioWeightDevice []*blkiodev.WeightDevice
  BlkioDeviceReadBps []*blkiodev.ThrottleDevice
  BlkioDeviceWriteBps []*blkiodev.ThrottleDevice
  BlkioDeviceReadIOps []*blkiodev.ThrottleDevice
  BlkioDeviceWriteIOps []*blkiodev.ThrottleDevice
  CPUPeriod int64 json=CpuPeriod
  CPUQuota int64 json=CpuQuota
  CPURealtimePeriod int64 json=CpuRealtimePeriod
  CPURealtimeRuntime int64 json=CpuRealtimeRuntime
  CpusetCpus string
  CpusetMems string
  Devices []container.DeviceMapping
  DeviceCgroupRules []string
  DeviceRequests []container.DeviceRequest
  KernelMemory int64 omitempty
  KernelMemoryTCP int64 omitempty
  MemoryReservation int64
  MemorySwap int64
  MemorySwappiness *int64
  OomKillDisable *bool
  PidsLimit *int64
  Ulimits []*units.Ulimit
  CPUCount int64 json=CpuCount
  CPUPercent int64 json=CpuPercent
  IOMaximumIOps uint64
  IOMaximumBandwidth uint64

blkiodev.WeightDevice
  Path string
  Weight uint16

blkiodev.ThrottleDevice
  Path string
  Rate uint64

container.DeviceMapping
  PathOnHost string
  PathInContainer string
  CgroupPermissions string

container.DeviceRequest
  Driver string
  Count int
  DeviceIDs []string
  Capabilities [][]string
  Options map[string]string

units.Ulimit
  Name string
  Hard int64
  Soft int64

mount.Mount
  Type mount.Type omitempty
  Source string omitempty
  Target string omitempty
  ReadOnly bool omitempty
  Consistency mount.Consistency omitempty
  BindOptions *mount.BindOptions omitempty
  VolumeOptions *mount.VolumeOptions omitempty
  ImageOptions *mount.ImageOptions omitempty
  TmpfsOptions *mount.TmpfsOptions omitempty
  ClusterOptions *struct{} omitempty

mount.BindOptions
  Propagation mount.Propagation omitempty
  NonRecursive bool omitempty
  CreateMountpoint bool omitempty
  ReadOnlyNonRecursive bool omitempty
  ReadOnlyForceRecursive bool omitempty

mount.VolumeOptions
  NoCopy bool omitempty
  Labels map[string]string omitempty
  Subpath string omitempty
  DriverConfig *mount.Driver omitempty

mount.Driver
  Name string omitempty
  Options map[string]string omitempty

mount.ImageOptions
  Subpath string omitempty

mount.TmpfsOptions
  SizeBytes int64 omitempty
  Mode uint32 omitempty
  Options [][]string omitempty

container.MountPoint
  Type mount.Type omitempty
  Name string omitempty
  Source string
  Destination string
  Driver string omitempty
  Mode string
  RW bool
  Propagation mount.Propagation

container.NetworkSettings
  container.NetworkSettingsBase
  container.DefaultNetworkSettings
  Networks map[string]*network.EndpointSettings

container.NetworkSettingsBase
  Bridge string
  SandboxID string
  SandboxKey string
  Ports map[nat.Port][]nat.PortBinding
  HairpinMode bool
  LinkLocalIPv6Address string
  LinkLocalIPv6PrefixLen int
  SecondaryIPAddresses []network.Address
  SecondaryIPv6Addresses []network.Address

network.Address
  Addr string
  PrefixLen int

container.DefaultNetworkSettings
  EndpointID string
  Gateway string
  GlobalIPv6Address string
  GlobalIPv6PrefixLen int
  IPAddress string
  IPPrefixLen int
  IPv6Gateway string
  MacAddress string

network.EndpointSettings
  IPAMConfig *network.EndpointIPAMConfig
  Links []string
  Aliases []string
  MacAddress string
  DriverOpts map[string]string
  GwPriority int
  NetworkID string
  EndpointID string
  Gateway string
  IPAddress string
  IPPrefixLen int
  IPv6Gateway string
  GlobalIPv6Address string
  GlobalIPv6PrefixLen int
  DNSNames []string

network.EndpointIPAMConfig
  IPv4Address string omitempty
  IPv6Address string omitempty
  LinkLocalIPs []string omitempty

storage.DriverData
  Data map[string]string
  Name string

v1.Descriptor
  MediaType string json=mediaType
  Digest digest.Digest json=digest
  Size int64 json=size
  URLs []string json=urls omitempty
  Annotations map[string]string json=annotations omitempty
  Data []uint8 json=data omitempty
  Platform *v1.Platform json=platform omitempty
  ArtifactType string json=artifactType omitempty

v1.Platform
  Architecture string json=architecture
  OS string json=os
  OSVersion string json=os.version omitempty
  OSFeatures []string json=os.features omitempty
  Variant string json=variant omitempty

image.InspectResponse
  ID string json=Id
  RepoTags []string
  RepoDigests []string
  Parent string
  Comment string
  Created string omitempty
  DockerVersion string
  Author string
  Config *v1.DockerOCIImageConfig
  Architecture string
  Variant string omitempty
  Os string
  OsVersion string omitempty
  Size int64
  VirtualSize int64 omitempty
  GraphDriver storage.DriverData
  RootFS image.RootFS
  Metadata image.Metadata
  Descriptor *v1.Descriptor omitempty
  Manifests []struct{} omitempty

image.RootFS
  Type string omitempty
  Layers []string omitempty

image.Metadata
  LastTagTime time.Time omitempty

v1.DockerOCIImageConfig
  v1.ImageConfig
  v1.DockerOCIImageConfigExt

v1.ImageConfig
  User string omitempty
  ExposedPorts map[string]struct{} omitempty
  Env []string omitempty
  Entrypoint []string omitempty
  Cmd []string omitempty
  Volumes map[string]struct{} omitempty
  WorkingDir string omitempty
  Labels map[string]string omitempty
  StopSignal string omitempty
  ArgsEscaped bool omitempty

v1.DockerOCIImageConfigExt
  Healthcheck *v1.HealthcheckConfig omitempty
  OnBuild []string omitempty
  Shell []string omitempty

network.Inspect
  Name string
  ID string json=Id
  Created time.Time
  Scope string
  Driver string
  EnableIPv4 bool
  EnableIPv6 bool
  IPAM network.IPAM
  Internal bool
  Attachable bool
  Ingress bool
  ConfigFrom network.ConfigReference
  ConfigOnly bool
  Containers map[string]network.EndpointResource
  Options map[string]string
  Labels map[string]string
  Peers []network.PeerInfo omitempty
  Services map[string]struct{} omitempty

network.IPAM
  Driver string
  Options map[string]string
  Config []network.IPAMConfig

network.IPAMConfig
  Subnet string omitempty
  IPRange string omitempty
  Gateway string omitempty
  AuxAddress map[string]string json=AuxiliaryAddresses omitempty

network.ConfigReference
  Network string

network.PeerInfo
  Name string
  IP string

network.EndpointResource
  Name string
  EndpointID string
  MacAddress string
  IPv4Address string
  IPv6Address string

volume.Volume
  ClusterVolume *struct{} omitempty
  CreatedAt string omitempty
  Driver string
  Labels map[string]string
  Mountpoint string
  Name string
  Options map[string]string
  Scope string
  Status map[string]interface{} omitempty
  UsageData *volume.UsageData omitempty

volume.UsageData
  RefCount int64
  Size int64

events.Message
  Status string json=status omitempty
  ID string json=id omitempty
  From string json=from omitempty
  Type events.Type
  Action events.Action
  Actor events.Actor
  Scope string json=scope omitempty
  Time int64 json=time omitempty
  TimeNano int64 json=timeNano omitempty

events.Actor
  ID string
  Attributes map[string]string

system.versionInfo
  Client system.clientVersion
  Server *types.Version

system.clientVersion
  Platform *system.platformInfo omitempty
  Version string omitempty
  APIVersion string json=ApiVersion omitempty
  DefaultAPIVersion string omitempty
  GitCommit string omitempty
  GoVersion string omitempty
  Os string omitempty
  Arch string omitempty
  BuildTime string omitempty
  Context string

system.platformInfo
  Name string omitempty

types.Version
  Platform types.VersionPlatform omitempty
  Components []types.ComponentVersion omitempty
  Version string
  APIVersion string json=ApiVersion
  MinAPIVersion string omitempty
  GitCommit string
  GoVersion string
  Os string
  Arch string
  KernelVersion string omitempty
  Experimental bool omitempty
  BuildTime string omitempty

types.VersionPlatform
  Name string

types.ComponentVersion
  Name string
  Version string
  Details map[string]string omitempty

system.dockerInfo
  *system.Info omitempty
  ServerErrors []string omitempty
  UserName string json=-
  ClientInfo *system.clientInfo omitempty
  ClientErrors []string omitempty

system.sparseInfo
  ClientInfo *system.clientInfo omitempty
  ClientErrors []string omitempty

system.clientInfo
  Debug bool
  system.clientVersion
  Plugins []struct{}
  Warnings []string

system.Info
  ID string
  Containers int
  ContainersRunning int
  ContainersPaused int
  ContainersStopped int
  Images int
  Driver string
  DriverStatus [][2]string
  SystemStatus [][2]string omitempty
  Plugins system.PluginsInfo
  MemoryLimit bool
  SwapLimit bool
  KernelMemory bool omitempty
  KernelMemoryTCP bool omitempty
  CPUCfsPeriod bool json=CpuCfsPeriod
  CPUCfsQuota bool json=CpuCfsQuota
  CPUShares bool
  CPUSet bool
  PidsLimit bool
  IPv4Forwarding bool
  BridgeNfIptables bool
  BridgeNfIP6tables bool json=BridgeNfIp6tables
  Debug bool
  NFd int
  OomKillDisable bool
  NGoroutines int
  SystemTime string
  LoggingDriver string
  CgroupDriver string
  CgroupVersion string omitempty
  NEventsListener int
  KernelVersion string
  OperatingSystem string
  OSVersion string
  OSType string
  Architecture string
  IndexServerAddress string
  RegistryConfig *registry.ServiceConfig
  NCPU int
  MemTotal int64
  GenericResources []struct{}
  DockerRootDir string
  HTTPProxy string json=HttpProxy
  HTTPSProxy string json=HttpsProxy
  NoProxy string
  Name string
  Labels []string
  ExperimentalBuild bool
  ServerVersion string
  Runtimes map[string]system.RuntimeWithStatus
  DefaultRuntime string
  Swarm swarm.Info
  LiveRestoreEnabled bool
  Isolation container.Isolation
  InitBinary string
  ContainerdCommit system.Commit
  RuncCommit system.Commit
  InitCommit system.Commit
  SecurityOptions []string
  ProductLicense string omitempty
  DefaultAddressPools []system.NetworkAddressPool omitempty
  FirewallBackend *system.FirewallInfo omitempty
  CDISpecDirs []string
  DiscoveredDevices []system.DeviceInfo omitempty
  Containerd *system.ContainerdInfo omitempty
  Warnings []string

system.PluginsInfo
  Volume []string
  Network []string
  Authorization []string
  Log []string

registry.ServiceConfig
  AllowNondistributableArtifactsCIDRs []string omitempty
  AllowNondistributableArtifactsHostnames []string omitempty
  InsecureRegistryCIDRs []string json=InsecureRegistryCIDRs
  IndexConfigs map[string]*registry.IndexInfo
  Mirrors []string

registry.IndexInfo
  Name string
  Mirrors []string
  Secure bool
  Official bool

system.RuntimeWithStatus
  system.Runtime
  Status map[string]string json=status omitempty

system.Runtime
  Path string json=path omitempty
  Args []string json=runtimeArgs omitempty
  Type string json=runtimeType omitempty
  Options map[string]interface{} json=options omitempty

swarm.Info
  NodeID string
  NodeAddr string
  LocalNodeState swarm.LocalNodeState
  ControlAvailable bool
  Error string
  RemoteManagers []swarm.Peer
  Nodes int omitempty
  Managers int omitempty
  Cluster *struct{} omitempty
  Warnings []string omitempty

swarm.Peer
  NodeID string
  Addr string

system.Commit
  ID string

system.NetworkAddressPool
  Base string
  Size int

system.FirewallInfo
  Driver string
  Info [][2]string omitempty

system.DeviceInfo
  Source string
  ID string

system.ContainerdInfo
  Address string omitempty
  Namespaces system.ContainerdNamespaces

system.ContainerdNamespaces
  Containers string
  Plugins string
`);
