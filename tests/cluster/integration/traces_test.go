package integration

import (
	"bytes"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"sort"
	"strings"
	"testing"
	"time"
)

// places are the folders outside the state folder that any component is known
// to use, listed with all beneath them; the folders above are listed by name.
var places = []string{
	"/run/tributary", "/run/containerd", "/run/netns", "/run/runc", "/run/nri", "/var/run/cdi", "/opt/containerd", "/opt/cni",
	"/tmp/hostpath_pv", "/var/lib/cni", "/var/lib/containerd", "/var/lib/kubelet", "/var/log/containers", "/var/log/pods",
	"/etc/kubernetes", "/etc/cni",
}

var listed = []string{"/", "/run", "/var/lib", "/var/log", "/opt", "/etc"}

// kernelSettings belong to no namespace.
var kernelSettings = []string{
	"kernel/panic", "kernel/panic_on_oops", "kernel/keys/root_maxkeys", "kernel/keys/root_maxbytes",
	"vm/overcommit_memory", "vm/panic_on_oom", "net/ipv4/ip_forward", "net/netfilter/nf_conntrack_max",
}

// shared are what goes only with the last cluster: folders, and the settings.
var shared = []string{
	"/tmp/hostpath_pv", "/run/containerd", "/run/containerd/s", "/var/lib/cni", "/var/lib/cni/results",
	"/var/lib/kubelet", "/var/lib/kubelet/device-plugins", "/var/log/containers",
	"/run/tributary", "/run/tributary/tunables.json",
}

// containersCgroup is the parent of all containers' cgroups, which goes with
// the last cluster of any kind, too.
const containersCgroup = "k8s.io"

// traces is everything a cluster could leave behind, one item a line. It
// expects that no other cluster of this machine comes or goes meanwhile; what
// is shared with one that stays is left out.
func traces(t *testing.T) []string {
	t.Helper()
	all := allTraces(t)
	others, _ := filepath.Glob("/run/tributary/*/cluster.json") // fails only on a malformed pattern
	if len(others) == 0 {
		return all
	}
	t.Logf("other clusters are up, so what they share is not checked: %v", others)
	return slices.DeleteFunc(all, func(item string) bool {
		if strings.HasPrefix(item, "setting ") || strings.HasPrefix(item, "cgroup ") && filepath.Base(item) == containersCgroup {
			return true
		}
		return slices.ContainsFunc(append(others, shared...), func(path string) bool {
			path = strings.TrimSuffix(path, "/cluster.json")
			return item == "file "+path || strings.HasPrefix(path, "/run/tributary/") && strings.HasPrefix(item, "file "+path+"/")
		})
	})
}

func allTraces(t *testing.T) []string {
	t.Helper()
	var all []string
	all = append(all, processTraces()...)
	all = append(all, fileTraces()...)
	all = append(all, mountTraces(t)...)
	all = append(all, networkTraces(t)...)
	for _, setting := range kernelSettings {
		value, err := os.ReadFile("/proc/sys/" + setting)
		if err == nil {
			all = append(all, "setting "+setting+" "+strings.TrimSpace(string(value)))
		}
	}
	sort.Strings(all)
	return slices.Compact(all)
}

// processTraces are the processes of any cluster and the network namespaces
// that any process is in.
func processTraces() []string {
	var all []string
	dirs, _ := filepath.Glob("/proc/[0-9]*")
	for _, dir := range dirs {
		if namespace, err := os.Readlink(dir + "/ns/net"); err == nil {
			all = append(all, "namespace "+namespace)
		}
		cmdline, err := os.ReadFile(dir + "/cmdline")
		if err != nil {
			continue
		}
		environ, _ := os.ReadFile(dir + "/environ")
		arguments := strings.Split(string(cmdline), "\x00")
		switch filepath.Base(arguments[0]) {
		case "extension", "pause", "runc":
		default:
			if !bytes.Contains(environ, []byte("TRIBUTARY_CLUSTER=")) {
				continue
			}
		}
		if !strings.HasPrefix(arguments[0], programs.dir) { // the tests' own
			all = append(all, "process "+filepath.Base(dir)+" "+strings.Join(arguments, " "))
		}
	}
	return all
}

func fileTraces() []string {
	var all []string
	for _, dir := range listed {
		entries, _ := os.ReadDir(dir)
		for _, entry := range entries {
			all = append(all, "file "+filepath.Join(dir, entry.Name()))
		}
	}
	for _, place := range places {
		_ = filepath.WalkDir(place, func(path string, _ os.DirEntry, err error) error {
			if err == nil {
				all = append(all, "file "+path)
			}
			return nil
		})
	}
	cgroups, _ := filepath.Glob("/sys/fs/cgroup/*/*")
	for _, cgroup := range cgroups {
		if info, err := os.Stat(cgroup); err == nil && info.IsDir() {
			all = append(all, "cgroup "+cgroup)
		}
	}
	return all
}

func mountTraces(t *testing.T) []string {
	content, err := os.ReadFile("/proc/self/mountinfo")
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for line := range strings.Lines(string(content)) {
		all = append(all, "mount "+strings.TrimSpace(line))
	}
	return all
}

func networkTraces(t *testing.T) []string {
	links, err := net.Interfaces()
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, link := range links {
		all = append(all, "link "+link.Name)
	}
	routes, err := exec.Command("ip", "route", "show", "table", "all").Output()
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(routes)) {
		all = append(all, "route "+strings.TrimSpace(line))
	}
	return all
}

// requireSame fails with what came or went.
func requireSame(t *testing.T, before, after []string) {
	t.Helper()
	for _, item := range after {
		if !slices.Contains(before, item) {
			t.Errorf("left behind: %s", item)
		}
	}
	for _, item := range before {
		if !slices.Contains(after, item) {
			t.Errorf("taken away: %s", item)
		}
	}
}

// downLimit is "a matter of seconds".
const downLimit = 5 * time.Second
