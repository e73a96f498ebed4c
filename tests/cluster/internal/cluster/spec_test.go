package cluster

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestCheckName(t *testing.T) {
	for name, valid := range map[string]bool{
		"tributary": true, "a": true, "a-1": true, strings.Repeat("a", maxName): true,
		"": false, "-a": false, "a-": false, "A": false, "a/b": false, "..": false, "a b": false,
		strings.Repeat("a", maxName+1): false,
	} {
		if err := CheckName(name); (err == nil) != valid {
			t.Errorf("CheckName(%q) = %v, want valid %v", name, err, valid)
		}
	}
}

func TestSpecSurvivesItsFile(t *testing.T) {
	state := State{t.TempDir()}
	if _, err := loadSpec(state); err != errNotUp {
		t.Fatalf("without a file: %v", err)
	}
	spec := Spec{Name: "a", Options: Options{Mode: Node, APIServerArgs: []string{"--v=2"}}, Ports: nodePorts}
	spec.Plan.Index = 3
	if err := spec.save(state.specFile()); err != nil {
		t.Fatal(err)
	}
	got, err := loadSpec(state)
	if err != nil {
		t.Fatal(err)
	}
	if !got.Options.equal(spec.Options) || got.Plan != spec.Plan || got.Ports != spec.Ports || got.Name != spec.Name {
		t.Errorf("got %+v, want %+v", got, spec)
	}
	if want := "https://198.18.0.14:6443"; got.Server() != want {
		t.Errorf("server %s, want %s", got.Server(), want)
	}
}

func TestSocketsFit(t *testing.T) {
	const longest = 107 // of sun_path, less its end
	state := StateOf(strings.Repeat("a", maxName))
	for _, socket := range []string{
		"/run/tributary/" + state.Name() + "/containerd.sock.ttrpc",
		"/run/tributary/" + state.Name() + "/kubelet/pod-resources/kubelet.sock",
	} {
		if len(socket) > longest {
			t.Errorf("%s has %d bytes", socket, len(socket))
		}
	}
}

func TestUnescape(t *testing.T) {
	for escaped, want := range map[string]string{
		"/plain": "/plain", `/a\040b`: "/a b", `/a\134b`: `/a\b`, `/end\04`: `/end\04`,
	} {
		if got := unescape(escaped); got != want {
			t.Errorf("unescape(%q) = %q, want %q", escaped, got, want)
		}
	}
}

func TestVolumePath(t *testing.T) {
	const volume = volumesDir + "/0f6e7f0c-3c1b-4a59-a5a6-0d6a0d5f4a11"
	if got := volumePath.FindString("\x00\x2a" + volume + "\x12\x00"); got != volume {
		t.Errorf("got %q", got)
	}
	if got := volumePath.FindString(volumesDir + "/../etc"); got != "" {
		t.Errorf("matches %q", got)
	}
}

func TestCheckNames(t *testing.T) {
	for name, valid := range map[string]bool{
		"tributary.dev/gateway:dev": true, "localhost/a:1": true, "registry:5000/a/b:v1.2": true,
		"dev": false, "gateway:dev": false, "library/gateway:dev": false, "tributary.dev/gateway": false, "": false,
	} {
		if err := checkNames([]string{name}); (err == nil) != valid {
			t.Errorf("checkNames(%q) = %v, want valid %v", name, err, valid)
		}
	}
	if checkNames(nil) == nil {
		t.Error("an archive without names passes")
	}
}

func TestContainersOfEveryRecord(t *testing.T) {
	state := State{t.TempDir()}
	for _, dir := range []string{
		"containerd/io.containerd.runtime.v2.task/k8s.io/a",
		"containerd-state/io.containerd.runtime.v2.task/k8s.io/b",
		"runc/k8s.io/b", "runc/k8s.io/c", "runc/other/d",
	} {
		if err := os.MkdirAll(filepath.Join(state.Dir, dir), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if got, want := state.containers(), []string{"a", "b", "c"}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestLockOfRemovedFolderDoesNotCount(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "cluster")
	unlock, err := lockDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	second := make(chan error, 1)
	go func() {
		unlock, err := lockDir(dir)
		if err == nil {
			unlock()
			_, err = os.Stat(dir)
		}
		second <- err
	}()
	if err := os.Remove(dir); err != nil {
		t.Fatal(err)
	}
	unlock()
	if err := <-second; err != nil {
		t.Errorf("the second holds the lock of nothing: %v", err)
	}
}
