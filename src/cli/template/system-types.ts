/** The Go types of info, version and events (github.com/docker/docker api/types, v28.2): names, order and JSON tags. */
export const systemTypes = `
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
  Plugins []struct {}
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
  BridgeNfIptables bool omitempty
  BridgeNfIP6tables bool json=BridgeNfIp6tables omitempty
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
  GenericResources []struct {}
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
  Cluster *struct {} omitempty
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
`;
