/** The Go types of images, networks, volumes (github.com/docker/docker api/types, v28.2) and of contexts (docker/cli): names, order and JSON tags. */
export const objectTypes = `
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
  Manifests []struct {} omitempty

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
  ExposedPorts map[string]struct {} omitempty
  Env []string omitempty
  Entrypoint []string omitempty
  Cmd []string omitempty
  Volumes map[string]struct {} omitempty
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
  Services map[string]struct {} omitempty

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
  ClusterVolume *struct {} omitempty
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

context.contextWithTLSListing
  store.Metadata
  TLSMaterial map[string][]string
  Storage store.StorageInfo

store.Metadata
  Name string omitempty
  Metadata command.DockerContext omitempty
  Endpoints map[string]docker.EndpointMeta omitempty

command.DockerContext
  Description string omitempty
  AdditionalFields map[string]interface{} json=-

docker.EndpointMeta
  Host string omitempty
  SkipTLSVerify bool

store.StorageInfo
  MetadataPath string
  TLSPath string
`;
