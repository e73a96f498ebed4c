package cache

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	module "tributary.dev/tests/cluster"
	"tributary.dev/tests/cluster/internal/oci"
)

// PauseImage is the image every Pod's sandbox runs; containerd's configuration
// names it too.
const PauseImage = "tributary.dev/pause:1"

// kubernetesFlags and containerdFlags leave out debug information, and of
// containerd what needs C libraries that this cluster does not use.
const (
	kubernetesFlags = "-trimpath -buildvcs=false -tags=components"
	containerdFlags = "-trimpath -buildvcs=false -tags=no_btrfs,no_zfs,no_devmapper"
)

// Components are the names the Kubernetes binary goes by.
var Components = []string{
	"etcd", "kube-apiserver", "kube-controller-manager", "kube-proxy", "kube-scheduler", "kubectl", "kubelet",
}

// makeKubernetes links the multi-call binary and gives it its names.
func makeKubernetes(step progress, dir string) error {
	source := filepath.Join(dir, "source")
	if err := os.CopyFS(source, module.Sources); err != nil {
		return err
	}
	stamps, err := versionStamps(source)
	if err != nil {
		return err
	}
	bin := filepath.Join(dir, "bin")
	if err := os.Mkdir(bin, 0o755); err != nil {
		return err
	}
	args := append([]string{"build"}, strings.Fields(kubernetesFlags)...)
	args = append(args, "-ldflags=-s -w "+stamps, "-o", filepath.Join(bin, "kubernetes"), "./cmd/kubernetes")
	if err := step.run("downloading and compiling, 6 minutes the first time", goCommand(source, args...)); err != nil {
		return err
	}
	for _, component := range Components {
		if err := os.Symlink("kubernetes", filepath.Join(bin, component)); err != nil {
			return err
		}
	}
	return os.RemoveAll(source)
}

// versionStamps are the linker flags that make the components report their
// version as a released build does. A module carries the time of its release
// but no commit.
func versionStamps(source string) (string, error) {
	list := goCommand(source, "list", "-m", "-f", `{{.Time.UTC.Format "2006-01-02T15:04:05Z"}}`, "k8s.io/kubernetes")
	released, err := list.Output()
	if err != nil {
		return "", fmt.Errorf("go list: %w", err)
	}
	parts := strings.Split(KubernetesVersion, ".")
	values := [][2]string{
		{"gitVersion", "v" + KubernetesVersion},
		{"gitMajor", parts[0]},
		{"gitMinor", parts[1]},
		{"gitCommit", "unknown"},
		{"gitTreeState", "archive"},
		{"buildDate", strings.TrimSpace(string(released))},
	}
	var flags []string
	for _, pkg := range []string{"k8s.io/component-base/version", "k8s.io/client-go/pkg/version"} {
		for _, value := range values {
			flags = append(flags, fmt.Sprintf("-X %s.%s=%s", pkg, value[0], value[1]))
		}
	}
	return strings.Join(flags, " "), nil
}

// makeContainerd installs containerd from its own module: its dependencies are
// not Kubernetes', and its releases name theirs.
func makeContainerd(step progress, dir string) error {
	const path = "github.com/containerd/containerd/v2"
	args := append([]string{"install"}, strings.Fields(containerdFlags)...)
	args = append(args, "-ldflags=-s -w -X "+path+"/version.Version=v"+ContainerdVersion)
	for _, program := range []string{"containerd", "containerd-shim-runc-v2", "ctr"} {
		args = append(args, path+"/cmd/"+program+"@v"+ContainerdVersion)
	}
	install := goCommand(dir, args...)
	install.Env = append(install.Env, "GOBIN="+filepath.Join(dir, "bin"))
	return step.run("downloading and compiling, 2 minutes the first time", install)
}

// PauseArchive is the image's file in the cache.
func (c *Cache) PauseArchive() string { return filepath.Join(c.Pause.Dir, "pause.tar") }

func makePause(step progress, dir string) error {
	source := filepath.Join(dir, "source")
	sources, err := fs.Sub(module.Sources, "cmd/pause")
	if err != nil {
		return err
	}
	if err := os.CopyFS(source, sources); err != nil {
		return err
	}
	binary := filepath.Join(dir, "pause")
	build := goCommand(source, "build", "-trimpath", "-ldflags=-s -w", "-o", binary, "main.go")
	if err := step.run("compiling", build); err != nil {
		return err
	}
	content, err := os.ReadFile(binary)
	if err != nil {
		return err
	}
	var archive bytes.Buffer
	image := oci.Image{Name: PauseImage, Entrypoint: []string{"/pause"}, Files: map[string][]byte{"/pause": content}}
	if err := oci.Write(&archive, image); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(dir, "pause.tar"), archive.Bytes(), 0o644); err != nil {
		return err
	}
	return os.RemoveAll(source)
}

// goCommand runs the go tool for static binaries; it may fetch no other
// version of itself, and a workspace around the folder is none of its business.
func goCommand(dir string, args ...string) *exec.Cmd {
	cmd := exec.Command("go", args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOWORK=off", "GOTOOLCHAIN=local")
	return cmd
}
