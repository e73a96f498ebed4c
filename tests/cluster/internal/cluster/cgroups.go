package cluster

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"syscall"
)

// containerdNamespace is where containerd keeps Kubernetes' containers; their
// cgroups have a parent of that name, which all clusters share.
const containerdNamespace = "k8s.io"

// cgroupParents lists that parent in each hierarchy: directly under the mount
// point with cgroup v2, one level down with v1.
func cgroupParents() []string {
	const mountPoint = "/sys/fs/cgroup"
	var found []string
	for _, pattern := range []string{mountPoint, mountPoint + "/*"} {
		dirs, _ := filepath.Glob(filepath.Join(pattern, containerdNamespace)) // fails only on a malformed pattern
		found = append(found, dirs...)
	}
	return found
}

// containers lists the ids of the cluster's containers, by the folders that
// containerd, its shims and runc keep for each as long as it exists.
func (s State) containers() []string {
	var ids []string
	for _, dir := range []string{
		s.path("containerd", "io.containerd.runtime.v2.task", containerdNamespace),
		s.path("containerd-state", "io.containerd.runtime.v2.task", containerdNamespace),
		s.path("runc", containerdNamespace),
	} {
		entries, err := os.ReadDir(dir)
		if err != nil {
			continue // of no node, or of one that ran nothing
		}
		for _, entry := range entries {
			ids = append(ids, entry.Name())
		}
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// cgroups lists the cgroups of the cluster's containers.
func (s State) cgroups() []string {
	parents := cgroupParents()
	var found []string
	for _, id := range s.containers() {
		for _, parent := range parents {
			cgroup := filepath.Join(parent, id)
			if _, err := os.Stat(cgroup); err == nil {
				found = append(found, cgroup)
			}
		}
	}
	return found
}

// removeCgroups removes the containers' cgroups, the innermost first. A dead
// process keeps its cgroup busy for a moment.
func (s State) removeCgroups() error {
	return eventually("cgroups do not go", func() error {
		for _, root := range s.cgroups() {
			if err := removeCgroup(root); err != nil {
				return err
			}
		}
		return nil
	})
}

// removeCgroup removes one with all beneath; its files go by themselves.
func removeCgroup(root string) error {
	var dirs []string
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && entry.IsDir() {
			dirs = append(dirs, path)
		}
		return nil
	})
	if err != nil {
		return err
	}
	slices.Reverse(dirs)
	for _, dir := range dirs {
		if err := syscall.Rmdir(dir); err != nil && !errors.Is(err, syscall.ENOENT) {
			return fmt.Errorf("cgroup %s: %w", dir, err)
		}
	}
	return nil
}
