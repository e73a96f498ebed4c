package bench

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Disk is what durable writes go to.
type Disk struct {
	folder string
	kind   string // the file system's type
	device string
	fsync  time.Duration // what writing one block takes until it is there for good
}

// A probe of the disk writes so many blocks of so many bytes, one after the other.
const (
	probes = 100
	block  = 4096
)

// diskOf finds out on what a folder is.
func diskOf(folder string) (Disk, error) {
	folder, err := filepath.EvalSymlinks(folder)
	if err != nil {
		return Disk{}, err
	}
	mounts, err := os.ReadFile("/proc/self/mounts")
	if err != nil {
		return Disk{}, err
	}
	disk := Disk{folder: folder}
	disk.device, disk.kind = mountOf(string(mounts), folder)
	if disk.kind == "tmpfs" || disk.kind == "ramfs" {
		return Disk{}, fmt.Errorf("%s is in memory (%s): name a folder on a disk with --disk, or leave durable cases out with --only", folder, disk.kind)
	}
	disk.fsync, err = probeFsync(folder)
	return disk, err
}

// mountOf is the device and the type of the file system that a folder is on: of
// the mounts with the longest path the last, which hides the others.
func mountOf(mounts, folder string) (device, kind string) {
	longest := 0
	for line := range strings.Lines(mounts) {
		fields := strings.Fields(line)
		if len(fields) < 3 {
			continue
		}
		at := strings.TrimSuffix(fields[1], "/") + "/" // of the root: "/"
		if strings.HasPrefix(folder+"/", at) && len(at) >= longest {
			longest, device, kind = len(at), fields[0], fields[2]
		}
	}
	return device, kind
}

// probeFsync is the median of several writes.
func probeFsync(folder string) (took time.Duration, err error) {
	file, err := os.CreateTemp(folder, "probe")
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, file.Close(), os.Remove(file.Name())) }()
	var all []time.Duration
	for range probes {
		began := time.Now()
		if _, err := file.Write(make([]byte, block)); err != nil {
			return 0, err
		}
		if err := file.Sync(); err != nil {
			return 0, err
		}
		all = append(all, time.Since(began))
	}
	slices.Sort(all)
	return all[len(all)/2], nil
}

// String says it for the tables' head.
func (d Disk) String() string {
	return fmt.Sprintf("%s on %s; a write of %d bytes with fsync takes %s ms", d.kind, d.device, block, digits(milliseconds(d.fsync)))
}

// checkFsync makes sure that etcd waits for its disk.
func checkFsync(pid int) error {
	line, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/cmdline")
	if err == nil && !waitsForDisk(string(line)) {
		err = errors.New("etcd runs with --unsafe-no-fsync")
	}
	return err
}

// waitsForDisk reads the arguments that end in zeros.
func waitsForDisk(line string) bool {
	return !strings.Contains("\x00"+line, "\x00--unsafe-no-fsync")
}
