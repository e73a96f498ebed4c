package process

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"
)

const deadline = 10 * time.Second

func startSleep(t *testing.T, mark string) *Daemon {
	t.Helper()
	dir := t.TempDir()
	command := Command{Name: "sleep", Path: "/bin/sleep", Args: []string{"600"}, Env: []string{mark}}
	daemon, err := Start(command, dir, dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = daemon.Kill() })
	return daemon
}

func TestDaemonIsFoundAndEnded(t *testing.T) {
	mark := fmt.Sprintf("TRIBUTARY_TEST=%s", t.TempDir())
	daemon := startSleep(t, mark)
	loaded := LoadAll(filepath.Dir(daemon.Log))["sleep"]
	if loaded != daemon.ID || !loaded.Alive() {
		t.Fatalf("the pid file says %+v, want %+v alive", loaded, daemon.ID)
	}
	if found := waitForMarked(mark); len(found) != 1 || found[0] != daemon.ID {
		t.Errorf("marked: %+v, want %+v", found, daemon.ID)
	}
	if err := daemon.Exited(); err != nil {
		t.Errorf("running: %v", err)
	}
	if err := daemon.Kill(); err != nil {
		t.Fatal(err)
	}
	select {
	case <-daemon.exited:
	case <-time.After(deadline):
		t.Fatal("it does not end")
	}
	if daemon.Alive() || daemon.Exited() == nil || len(Marked(mark)) != 0 {
		t.Error("it passes for alive")
	}
	if err := daemon.Kill(); err != nil {
		t.Errorf("to kill it again: %v", err)
	}
}

func TestDaemonIsAskedToEnd(t *testing.T) {
	daemon := startSleep(t, "TRIBUTARY_TEST=asked")
	if err := daemon.Terminate(); err != nil {
		t.Fatal(err)
	}
	select {
	case <-daemon.exited:
	case <-time.After(deadline):
		t.Fatal("it does not end")
	}
	if want := "sleep ended: signal: terminated"; daemon.Exited().Error() != want {
		t.Errorf("%v instead of %s", daemon.Exited(), want)
	}
	if err := daemon.Terminate(); err != nil {
		t.Errorf("to ask it again: %v", err)
	}
}

// waitForMarked allows for the moment in which exec shows no environment.
func waitForMarked(mark string) []ID {
	until := time.Now().Add(deadline)
	for {
		if found := Marked(mark); len(found) > 0 || time.Now().After(until) {
			return found
		}
		time.Sleep(time.Millisecond)
	}
}

func TestRecycledPIDIsNeverKilled(t *testing.T) {
	daemon := startSleep(t, "TRIBUTARY_TEST=recycled")
	earlier, rebooted := daemon.ID, daemon.ID
	earlier.Start--
	rebooted.Boot = "another"
	for _, id := range []ID{earlier, rebooted} {
		if id.Alive() {
			t.Errorf("%+v passes for alive", id)
		}
		if err := id.Kill(); err != nil {
			t.Error(err)
		}
	}
	if !daemon.Alive() {
		t.Error("another's process was killed")
	}
}

func TestParseStat(t *testing.T) {
	const rest = " S 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 4711 20"
	for _, name := range []string{"sleep", "a b", "a) S 1 (b", ""} {
		state, start, err := parseStat("42 (" + name + ")" + rest)
		if err != nil || state != "S" || start != 4711 {
			t.Errorf("%q: %q %d %v", name, state, start, err)
		}
	}
	for _, malformed := range []string{"", "42", "42 (a) S 1 2"} {
		if _, _, err := parseStat(malformed); err == nil {
			t.Errorf("%q passes", malformed)
		}
	}
}

func TestTruncatedPIDFileIsLeftOut(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "etcd.pid"), []byte("42 "), 0o644); err != nil {
		t.Fatal(err)
	}
	if got := LoadAll(dir); len(got) != 0 {
		t.Errorf("got %v", got)
	}
}
