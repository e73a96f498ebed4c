package cluster

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
)

// State is the folder that holds all of one cluster.
type State struct {
	Dir string
}

// Root is the folder of all of this user's clusters.
func Root() string {
	if os.Geteuid() == 0 {
		return "/run/tributary"
	}
	parent := os.Getenv("XDG_RUNTIME_DIR")
	if parent == "" {
		parent = os.TempDir()
	}
	return filepath.Join(parent, "tributary-"+strconv.Itoa(os.Geteuid()))
}

// checkRoot makes sure that the folder of clusters is ours: in a temporary
// folder anybody may have made it first.
func checkRoot() error {
	if err := os.MkdirAll(Root(), 0o700); err != nil {
		return err
	}
	info, err := os.Lstat(Root())
	if err != nil {
		return err
	}
	if !info.IsDir() || ownerOf(info) != os.Geteuid() {
		return fmt.Errorf("%s belongs to somebody else", Root())
	}
	return nil
}

// StateOf is the folder of the cluster of that name.
func StateOf(name string) State { return State{filepath.Join(Root(), name)} }

// Names lists the clusters that have a state folder, up or not.
func Names() ([]string, error) {
	entries, err := os.ReadDir(Root())
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var names []string
	for _, entry := range entries {
		if entry.IsDir() && CheckName(entry.Name()) == nil {
			names = append(names, entry.Name())
		}
	}
	return names, nil
}

func (s State) path(elements ...string) string {
	return filepath.Join(append([]string{s.Dir}, elements...)...)
}

// Name is the cluster's.
func (s State) Name() string { return filepath.Base(s.Dir) }

// Kubeconfig is the administrator's.
func (s State) Kubeconfig() string { return s.path("admin.kubeconfig") }

// PKI is the folder of certificates, with the keys of every authority.
func (s State) PKI() string { return s.path("pki") }

// Log is the folder of the components' logs.
func (s State) Log() string { return s.path("log") }

// Kubectl is a kubectl of the cluster's version.
func (s State) Kubectl() string { return s.path("bin", "kubectl") }

func (s State) specFile() string         { return s.path("cluster.json") }
func (s State) pids() string             { return s.path("pid") }
func (s State) netns() string            { return s.path("netns") }
func (s State) containerdSocket() string { return s.path("containerd.sock") }
func (s State) secret(name string) string {
	return s.path("pki", name)
}

// component is a component's kubeconfig.
func (s State) component(name string) string { return s.path("conf", name+".kubeconfig") }

// mark is the assignment that every process of the cluster carries in its
// environment.
func (s State) mark() string { return "TRIBUTARY_CLUSTER=" + s.Dir }

// create makes the folders every cluster has. They hold keys: nobody else may
// look.
func (s State) create() error {
	for _, dir := range []string{"pki", "log", "pid", "conf", "bin"} {
		if err := os.MkdirAll(s.path(dir), 0o700); err != nil {
			return err
		}
	}
	return nil
}

// lockDir takes a folder's lock, making the folder if need be. Whoever held the
// lock before may have removed the folder, hence the loop: a lock counts only
// on the folder that is there afterwards.
func lockDir(dir string) (unlock func(), err error) {
	for {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return nil, err
		}
		f, err := os.Open(dir)
		if errors.Is(err, os.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX); err != nil {
			f.Close()
			return nil, fmt.Errorf("lock %s: %w", dir, err)
		}
		if isSame(f, dir) {
			return func() { f.Close() }, nil
		}
		f.Close()
	}
}

func isSame(f *os.File, path string) bool {
	held, err := f.Stat()
	if err != nil {
		return false
	}
	there, err := os.Stat(path)
	return err == nil && os.SameFile(held, there)
}

// ownerOf is the user a file belongs to.
func ownerOf(info fs.FileInfo) int {
	return int(info.Sys().(*syscall.Stat_t).Uid)
}
