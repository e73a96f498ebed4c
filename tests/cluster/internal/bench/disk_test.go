package bench

import (
	"os"
	"testing"
)

func TestMountOf(t *testing.T) {
	const mounts = `/dev/vda / ext4 rw 0 0
tmpfs /run tmpfs rw 0 0
/dev/vdb /run/data xfs rw 0 0
/dev/vdc /data ext4 rw 0 0
/dev/vdd /data btrfs rw 0 0
`
	for _, c := range []struct{ folder, device, kind string }{
		{"/", "/dev/vda", "ext4"},
		{"/home/x", "/dev/vda", "ext4"},
		{"/run", "tmpfs", "tmpfs"},
		{"/running", "/dev/vda", "ext4"},
		{"/run/user", "tmpfs", "tmpfs"},
		{"/run/data/x", "/dev/vdb", "xfs"},
		{"/data", "/dev/vdd", "btrfs"},
	} {
		if device, kind := mountOf(mounts, c.folder); device != c.device || kind != c.kind {
			t.Errorf("%s is on %s, %s", c.folder, device, kind)
		}
	}
}

func TestProbeLeavesNothing(t *testing.T) {
	folder := t.TempDir()
	took, err := probeFsync(folder)
	if err != nil || took <= 0 {
		t.Fatal(took, err)
	}
	if left, err := os.ReadDir(folder); err != nil || len(left) > 0 {
		t.Errorf("%v %v", left, err)
	}
}

func TestEtcdHasToFsync(t *testing.T) {
	for _, c := range []struct {
		line string
		want bool
	}{
		{"etcd\x00--data-dir=x\x00", true},
		{"etcd\x00--data-dir=/a--unsafe-no-fsync\x00", true},
		{"etcd\x00--data-dir=x\x00--unsafe-no-fsync\x00", false},
		{"etcd\x00--unsafe-no-fsync=true\x00--data-dir=x\x00", false},
	} {
		if waitsForDisk(c.line) != c.want {
			t.Errorf("%q", c.line)
		}
	}
}
