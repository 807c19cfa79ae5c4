/** The configuration files of a node's programs: pure functions from settings to text. */
import { POD_RANGE } from './network.js';

export const PAUSE_IMAGE = 'localhost/pause:1';
/** Debian's containernetworking-plugins. */
const PLUGINS = '/usr/lib/cni';

export function containerdConfig(networkDirectory: string): string {
  return `version = 2
# Below /var/lib like the rest; else it makes /opt/containerd on the host.
[plugins."io.containerd.internal.v1.opt"]
  path = "/var/lib/containerd/opt"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "${PAUSE_IMAGE}"
  # A container without CAP_SYS_RESOURCE cannot lower a process's OOM score.
  restrict_oom_score_adj = true
  [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
    runtime_type = "io.containerd.runc.v2"
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "${PLUGINS}"
    conf_dir = "${networkDirectory}"
`;
}

/** One veth per pod and routes: what goes from pod to pod passes the node's packet filter, without br_netfilter. */
export function podNetworkConfig(podRange: string): string {
  const addresses = { type: 'host-local', ranges: [[{ subnet: podRange }]], routes: [{ dst: '0.0.0.0/0' }] };
  return JSON.stringify({
    cniVersion: '0.4.0',
    name: 'pgscope',
    plugins: [
      { type: 'ptp', ipMasq: false, ipam: { ...addresses, dataDir: '/run/cni-addresses' } },
      { type: 'portmap', capabilities: { portMappings: true } },
    ],
  });
}

export interface KubeletSettings {
  /** The node's cgroup, seen from a hierarchy's root. */
  cgroup: string;
  /** File with the authority whose clients may ask for logs and exec. */
  ca: string;
  /** The cluster's DNS server. */
  dns: string;
}

export function kubeletConfig({ cgroup, ca, dns }: KubeletSettings): string {
  return JSON.stringify({
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    kind: 'KubeletConfiguration',
    authentication: { anonymous: { enabled: false }, webhook: { enabled: true }, x509: { clientCAFile: ca } },
    authorization: { mode: 'Webhook' },
    containerRuntimeEndpoint: 'unix:///run/containerd/containerd.sock',
    volumePluginDir: '/var/lib/kubelet/volume-plugins',
    cgroupDriver: 'cgroupfs',
    cgroupRoot: cgroup,
    failCgroupV1: false,
    enforceNodeAllocatable: [],
    failSwapOn: false,
    oomScoreAdj: 0,
    clusterDNS: [dns],
    clusterDomain: 'cluster.local',
    // The host's disk may be rather full for other reasons; no image may vanish for that.
    evictionHard: { 'memory.available': '50Mi', 'nodefs.available': '1%', 'imagefs.available': '1%' },
    imageGCHighThresholdPercent: 100,
    imageGCLowThresholdPercent: 99,
    nodeStatusUpdateFrequency: '4s',
    syncFrequency: '10s',
  });
}

export function proxyConfig(kubeconfig: string): string {
  return JSON.stringify({
    apiVersion: 'kubeproxy.config.k8s.io/v1alpha1',
    kind: 'KubeProxyConfiguration',
    clientConnection: { kubeconfig },
    mode: 'iptables',
    clusterCIDR: POD_RANGE,
    conntrack: { maxPerCore: 0, min: 0 },
  });
}
