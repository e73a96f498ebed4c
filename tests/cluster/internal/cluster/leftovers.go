package cluster

import (
	"bufio"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
)

// Folders outside the state folder whose place is fixed in the programs that
// use them.
const (
	volumesDir    = "/tmp/hostpath_pv"     // kube-controller-manager's hostpath provisioner
	shimSockets   = "/run/containerd/s"    // containerd's shims
	cniResults    = "/var/lib/cni/results" // the CNI library
	containerLogs = "/var/log/containers"  // kubelet: links into its log folder
	devicePlugins = "/var/lib/kubelet/device-plugins"
)

// sharedDirs are these folders and those above them that only they need,
// deepest first.
func sharedDirs() []string {
	return []string{
		volumesDir, shimSockets, "/run/containerd", cniResults, filepath.Dir(cniResults),
		containerLogs, devicePlugins, filepath.Dir(devicePlugins),
	}
}

var volumePath = regexp.MustCompile(regexp.QuoteMeta(volumesDir) + `/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}`)

// removeVolumes removes the provisioned volumes. All clusters keep them in one
// folder, and after a crash there is no server to ask whose they are, but
// every path stands in etcd's files as plain text.
func (s State) removeVolumes() error {
	if _, err := os.Stat(volumesDir); err != nil {
		return nil
	}
	return filepath.WalkDir(s.path("etcd"), func(path string, entry fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) || err == nil && !entry.Type().IsRegular() {
			return nil
		}
		if err != nil {
			return err
		}
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for _, volume := range volumePath.FindAll(content, -1) {
			if err := os.RemoveAll(string(volume)); err != nil {
				return err
			}
		}
		return nil
	})
}

// removeStrays removes the cluster's files in folders that others share.
func (s State) removeStrays() error {
	if os.Geteuid() != 0 {
		return nil // without a node there are none
	}
	strays := s.shimSockets()
	result := regexp.MustCompile(`^` + regexp.QuoteMeta(s.podNetwork()) + `-[0-9a-f]{64}-`)
	strays = append(strays, entriesOf(cniResults, func(path string) bool {
		return result.MatchString(filepath.Base(path))
	})...)
	strays = append(strays, entriesOf(containerLogs, func(path string) bool {
		target, err := os.Readlink(path)
		return err == nil && strings.HasPrefix(target, s.Dir+"/")
	})...)
	for _, stray := range strays {
		if err := os.Remove(stray); err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
	}
	return nil
}

// shimSocket is how a shim notes its socket's path in its container's folder.
var shimSocket = regexp.MustCompile(regexp.QuoteMeta(shimSockets) + `/[0-9a-f]{64}`)

// shimSockets lists the sockets of the cluster's shims.
func (s State) shimSockets() []string {
	var sockets []string
	notes, _ := filepath.Glob(s.path("containerd-state", "io.containerd.runtime.v2.task", "*", "*", "bootstrap.json"))
	for _, note := range notes {
		if content, err := os.ReadFile(note); err == nil {
			sockets = append(sockets, shimSocket.FindAllString(string(content), -1)...)
		}
	}
	return sockets
}

func entriesOf(dir string, belongs func(path string) bool) []string {
	var found []string
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil
	}
	for _, entry := range entries {
		if path := filepath.Join(dir, entry.Name()); belongs(path) {
			found = append(found, path)
		}
	}
	return found
}

// unmountAll detaches every mount in the state folder, the last made first.
// Nothing is removed while a mount is left: it might lead out of the folder.
func (s State) unmountAll() error {
	return eventually("mounts do not go", func() error {
		mounts, err := mountsBeneath(s.Dir)
		if err != nil {
			return err
		}
		slices.Reverse(mounts)
		for _, mount := range mounts {
			err := syscall.Unmount(mount, syscall.MNT_DETACH)
			if err != nil && !errors.Is(err, syscall.EINVAL) && !errors.Is(err, syscall.ENOENT) {
				return fmt.Errorf("unmount %s: %w", mount, err)
			}
		}
		if len(mounts) > 0 {
			return fmt.Errorf("%d left", len(mounts))
		}
		return nil
	})
}

// mountsBeneath lists the mount points in a folder, in the order of mounting.
func mountsBeneath(dir string) ([]string, error) {
	file, err := os.Open("/proc/self/mountinfo")
	if err != nil {
		return nil, err
	}
	defer file.Close()
	var mounts []string
	lines := bufio.NewScanner(file)
	for lines.Scan() {
		const mountPointField = 4 // proc(5), counted from 0
		fields := strings.Fields(lines.Text())
		if len(fields) <= mountPointField {
			continue
		}
		if point := unescape(fields[mountPointField]); strings.HasPrefix(point, dir+"/") {
			mounts = append(mounts, point)
		}
	}
	return mounts, lines.Err()
}

// unescape undoes the octal escapes of mountinfo, such as \040 for a blank.
func unescape(text string) string {
	var plain strings.Builder
	for i := 0; i < len(text); i++ {
		if text[i] == '\\' && i+3 < len(text) {
			if code, err := strconv.ParseUint(text[i+1:i+4], 8, 8); err == nil {
				plain.WriteByte(byte(code))
				i += 3
				continue
			}
		}
		plain.WriteByte(text[i])
	}
	return plain.String()
}
