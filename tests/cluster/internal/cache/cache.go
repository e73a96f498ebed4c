// Package cache builds what a cluster runs and keeps it outside the source
// tree, by version and by a hash of what determines the content.
package cache

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"

	module "tributary.dev/tests/cluster"
)

// Versions of what is built. Kubernetes' is that of go.mod; the test of this
// package holds the two together.
const (
	KubernetesVersion = "1.36.3"
	ContainerdVersion = "2.2.9"
)

// keyLength is how many hexadecimal digits of the hash name an entry: enough to
// tell a few hundred builds apart, short enough to read.
const keyLength = 12

// Entry is one folder of the cache: complete or not there.
type Entry struct {
	Dir  string
	name string
	make func(step progress, dir string) error
}

// Cache is everything a cluster runs.
type Cache struct {
	Dir        string
	Kubernetes Entry // etcd, control plane, node components and kubectl, by name
	Containerd Entry // containerd, its shim and ctr
	Pause      Entry // the pause image

	SampleAPIServer Entry // of benchmarks, not of clusters
}

// Open finds the cache; it builds and makes nothing.
func Open() (*Cache, error) {
	dir, err := location()
	if err != nil {
		return nil, err
	}
	kubernetes, err := sourceKey(kubernetesFlags, "go.mod", "go.sum", "cmd/kubernetes")
	if err != nil {
		return nil, err
	}
	pause, err := sourceKey(PauseImage, "cmd/pause")
	if err != nil {
		return nil, err
	}
	entry := func(name, key string, make func(progress, string) error) Entry {
		return Entry{Dir: filepath.Join(dir, name, key), name: name, make: make}
	}
	return &Cache{
		Dir:        dir,
		Kubernetes: entry("kubernetes-"+KubernetesVersion, kubernetes, makeKubernetes),
		Containerd: entry("containerd-"+ContainerdVersion, key(containerdFlags), makeContainerd),
		Pause:      entry("pause", pause, makePause),

		SampleAPIServer: entry("sample-apiserver-"+SampleVersion, key(sampleFlags), makeSample),
	}, nil
}

func location() (string, error) {
	if dir := os.Getenv("TRIBUTARY_CACHE"); dir != "" {
		return filepath.Abs(dir)
	}
	dir, err := os.UserCacheDir() // XDG_CACHE_HOME, or ~/.cache
	if err != nil {
		return "", fmt.Errorf("set TRIBUTARY_CACHE: %w", err)
	}
	return filepath.Join(dir, "tributary"), nil
}

// Bin is the folder of executables.
func (e Entry) Bin() string { return filepath.Join(e.Dir, "bin") }

// Built says whether the entry is there.
func (e Entry) Built() bool {
	_, err := os.Stat(e.Dir)
	return err == nil
}

// Build makes the entries that are not there yet. One build runs at a time, for
// two would take twice as long for the same result.
func (c *Cache) Build(entries ...Entry) error {
	if allBuilt(entries) {
		return nil
	}
	if err := os.MkdirAll(c.Dir, 0o755); err != nil {
		return err
	}
	unlock, err := lock(filepath.Join(c.Dir, "lock"))
	if err != nil {
		return err
	}
	defer unlock()
	for _, entry := range entries {
		if entry.Built() {
			continue
		}
		if err := entry.build(); err != nil {
			return fmt.Errorf("%s: %w", entry.name, err)
		}
	}
	return nil
}

func allBuilt(entries []Entry) bool {
	for _, entry := range entries {
		if !entry.Built() {
			return false
		}
	}
	return true
}

// build works in a folder beside the entry and renames it once complete.
func (e Entry) build() error {
	parent := filepath.Dir(e.Dir)
	work := filepath.Join(parent, "building")
	if err := os.RemoveAll(work); err != nil { // of a build that was cut short
		return err
	}
	if err := os.MkdirAll(work, 0o755); err != nil {
		return err
	}
	defer os.RemoveAll(work)
	if err := e.make(progress(e.name), work); err != nil {
		return err
	}
	return os.Rename(work, e.Dir)
}

func lock(file string) (unlock func(), err error) {
	f, err := os.OpenFile(file, os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return nil, err
	}
	if syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) != nil {
		fmt.Fprintln(os.Stderr, "another build is under way; waiting for it")
		if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX); err != nil {
			f.Close()
			return nil, err
		}
	}
	return func() { f.Close() }, nil
}

// sourceKey is the key of what is built from the module's own sources.
func sourceKey(recipe string, roots ...string) (string, error) {
	parts := []string{recipe}
	for _, root := range roots {
		err := fs.WalkDir(module.Sources, root, func(path string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() {
				return err
			}
			content, err := module.Sources.ReadFile(path)
			parts = append(parts, path, string(content))
			return err
		})
		if err != nil {
			return "", err
		}
	}
	return key(parts...), nil
}

func key(parts ...string) string {
	sum := sha256.Sum256([]byte(runtime.GOARCH + "\x00" + strings.Join(parts, "\x00")))
	return hex.EncodeToString(sum[:])[:keyLength]
}
