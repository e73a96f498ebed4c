package cache

import (
	"os"
	"strings"
	"testing"

	module "tributary.dev/tests/cluster"
)

func TestVersionIsThatOfGoMod(t *testing.T) {
	content, err := module.Sources.ReadFile("go.mod")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(content), "k8s.io/kubernetes v"+KubernetesVersion+"\n") {
		t.Errorf("go.mod does not require k8s.io/kubernetes v%s", KubernetesVersion)
	}
}

func TestEntriesAreApart(t *testing.T) {
	t.Setenv("TRIBUTARY_CACHE", t.TempDir())
	cache, err := Open()
	if err != nil {
		t.Fatal(err)
	}
	dirs := map[string]bool{}
	for _, entry := range []Entry{cache.Kubernetes, cache.Containerd, cache.Pause} {
		if entry.Built() || dirs[entry.Dir] || !strings.HasPrefix(entry.Dir, cache.Dir) {
			t.Errorf("entry %s", entry.Dir)
		}
		dirs[entry.Dir] = true
	}
}

func TestBuildIsAllOrNothing(t *testing.T) {
	t.Setenv("TRIBUTARY_CACHE", t.TempDir())
	cache, err := Open()
	if err != nil {
		t.Fatal(err)
	}
	entry := cache.Pause
	entry.make = func(_ progress, dir string) error {
		return os.WriteFile(dir+"/half", nil, 0o644)
	}
	failing := entry
	failing.make = func(step progress, dir string) error {
		_ = entry.make(step, dir)
		return os.ErrInvalid
	}
	if err := cache.Build(failing); err == nil || entry.Built() {
		t.Errorf("after a failure: %v, built %v", err, entry.Built())
	}
	if err := cache.Build(entry); err != nil || !entry.Built() {
		t.Errorf("after a success: %v, built %v", err, entry.Built())
	}
	if err := cache.Build(failing); err != nil {
		t.Errorf("what is built is built again: %v", err)
	}
}
