package cluster

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"

	"tributary.dev/tests/cluster/internal/cache"
	"tributary.dev/tests/cluster/internal/process"
)

// object is a JSON object; every configuration file below is read as YAML, of
// which JSON is a part.
type object = map[string]any

// podNetwork is the CNI network's name; the name of a result that the CNI
// library keeps outside the state folder begins with it.
func (s State) podNetwork() string { return "tributary-" + s.Name() }

// writeNodeConfig writes what the node's components read.
func (s starter) writeNodeConfig() error {
	files := map[string]object{
		s.state.path("cni", "net.conflist"):     s.cniConfig(),
		s.state.path("conf", "kubelet.yaml"):    s.kubeletConfig(),
		s.state.path("conf", "kube-proxy.yaml"): s.proxyConfig(),
	}
	if err := os.MkdirAll(s.state.path("cni"), 0o700); err != nil {
		return err
	}
	for file, content := range files {
		encoded, err := json.MarshalIndent(content, "", "  ")
		if err != nil {
			return err
		}
		if err := os.WriteFile(file, encoded, 0o600); err != nil {
			return err
		}
	}
	config, err := s.containerdConfig()
	if err != nil {
		return err
	}
	return os.WriteFile(s.state.path("conf", "containerd.toml"), []byte(config), 0o600)
}

// cniConfig gives each Pod a link of its own to the node. A bridge would need
// br_netfilter for a Service's answers to find their way back between two Pods.
func (s starter) cniConfig() object {
	return object{
		"cniVersion": "1.0.0",
		"name":       s.state.podNetwork(),
		"plugins": []object{{
			"type": "ptp",
			"ipam": object{
				"type":    "host-local",
				"dataDir": s.state.path("ipam"),
				"ranges":  [][]object{{{"subnet": s.spec.Plan.Pods().String()}}},
				"routes":  []object{{"dst": "0.0.0.0/0"}},
			},
		}},
	}
}

func (s starter) kubeletConfig() object {
	const almostFull = "1%" // eviction would strike on a developer's full disk
	return object{
		"apiVersion": "kubelet.config.k8s.io/v1beta1",
		"kind":       "KubeletConfiguration",
		"authentication": object{
			"anonymous": object{"enabled": false},
			"webhook":   object{"enabled": true},
			"x509":      object{"clientCAFile": s.state.secret("ca.crt")},
		},
		"authorization":            object{"mode": "Webhook"},
		"tlsCertFile":              s.state.secret("kubelet.crt"),
		"tlsPrivateKeyFile":        s.state.secret("kubelet.key"),
		"containerRuntimeEndpoint": "unix://" + s.state.containerdSocket(),
		"clusterDNS":               []string{s.spec.Plan.DNS().String()},
		"clusterDomain":            "cluster.local",
		"resolvConf":               "",
		"podLogsDir":               s.state.path("pods"),
		"volumePluginDir":          s.state.path("plugins"),
		// Hosts with cgroup v1 and with swap pass, too.
		"cgroupDriver":           "cgroupfs",
		"cgroupsPerQOS":          false,
		"enforceNodeAllocatable": []string{},
		"failCgroupV1":           false,
		"failSwapOn":             false,
		"makeIPTablesUtilChains": false, // kube-proxy uses nftables
		"evictionHard": object{
			"nodefs.available": almostFull, "imagefs.available": almostFull, "nodefs.inodesFree": almostFull,
		},
	}
}

func (s starter) proxyConfig() object {
	return object{
		"apiVersion":       "kubeproxy.config.k8s.io/v1alpha1",
		"kind":             "KubeProxyConfiguration",
		"mode":             "nftables",
		"clusterCIDR":      s.spec.Plan.Pods().String(),
		"clientConnection": object{"kubeconfig": s.state.component("kube-proxy")},
		"conntrack":        object{"maxPerCore": 0}, // the limit belongs to the host
	}
}

// containerdConfig keeps everything that can be moved in the state folder. A
// container without CAP_SYS_RESOURCE may not lower OOM scores, hence
// restrict_oom_score_adj.
func (s starter) containerdConfig() (string, error) {
	plugins, err := cache.CNIDir()
	if err != nil {
		return "", err
	}
	runc, err := exec.LookPath("runc")
	if err != nil {
		return "", err
	}
	return fmt.Sprintf(`version = 3
root = %[1]q
state = %[2]q
disabled_plugins = ["io.containerd.internal.v1.opt"]
[grpc]
  address = %[3]q
[plugins.'io.containerd.image-verifier.v1.bindir']
  bin_dir = %[9]q
[plugins.'io.containerd.nri.v1.nri']
  disable = true
[plugins.'io.containerd.cri.v1.images']
  snapshotter = "overlayfs"
  [plugins.'io.containerd.cri.v1.images'.pinned_images]
    sandbox = %[4]q
[plugins.'io.containerd.cri.v1.runtime']
  restrict_oom_score_adj = true
  netns_mounts_under_state_dir = true
  enable_cdi = false
  [plugins.'io.containerd.cri.v1.runtime'.cni]
    bin_dirs = [%[5]q]
    conf_dir = %[6]q
    use_internal_loopback = true
  [plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.runc]
    runtime_type = "io.containerd.runc.v2"
    [plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.runc.options]
      BinaryName = %[7]q
      Root = %[8]q
      SystemdCgroup = false
`, s.state.path("containerd"), s.state.path("containerd-state"), s.state.containerdSocket(), cache.PauseImage,
		plugins, s.state.path("cni"), runc, s.state.path("runc"), s.state.path("image-verifiers")), nil
}

func (s starter) scheduler() (*process.Daemon, error) {
	kubeconfig := s.state.component("kube-scheduler")
	return s.kubernetes("kube-scheduler", append(s.serving(s.spec.Ports.Scheduler),
		"--kubeconfig="+kubeconfig,
		"--authentication-kubeconfig="+kubeconfig,
		"--authorization-kubeconfig="+kubeconfig,
		"--leader-elect=false",
	)...)
}

func (s starter) containerd(bin string) (*process.Daemon, error) {
	return s.start("containerd", filepath.Join(bin, "containerd"), "--config="+s.state.path("conf", "containerd.toml"))
}

func (s starter) kubelet() (*process.Daemon, error) {
	return s.kubernetes("kubelet",
		"--config="+s.state.path("conf", "kubelet.yaml"),
		"--kubeconfig="+s.state.component("kubelet"),
		"--hostname-override="+NodeName,
		"--node-ip="+s.spec.Plan.Node().String(),
		"--root-dir="+s.state.path("kubelet"),
		"--cert-dir="+s.state.path("kubelet", "pki"),
	)
}

func (s starter) proxy() (*process.Daemon, error) {
	return s.kubernetes("kube-proxy",
		"--config="+s.state.path("conf", "kube-proxy.yaml"), "--hostname-override="+NodeName)
}
