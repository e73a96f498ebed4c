package cluster

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"time"

	"tributary.dev/tests/cluster/internal/network"
	"tributary.dev/tests/cluster/internal/process"
)

// goneDeadline bounds the wait for killed processes and for what they hold; the
// kernel takes milliseconds.
const goneDeadline = 20 * time.Second

// Down removes a cluster with all it made, in whatever condition it is. It
// returns false if there was nothing to remove.
func Down(name string) (bool, error) {
	state := StateOf(name)
	if _, err := os.Lstat(state.Dir); errors.Is(err, os.ErrNotExist) {
		return false, nil
	}
	unlock, err := lockDir(state.Dir)
	if err != nil {
		return false, err
	}
	defer unlock()
	if err := state.clear(); err != nil {
		return false, err
	}
	if err := os.RemoveAll(state.Dir); err != nil {
		return false, err
	}
	return true, leaveRoot()
}

// clear removes everything of a cluster but its empty folder, on which the
// caller holds the lock. All its data goes, so nothing is asked to end in
// order: a clean end and a crash take the same way.
func (s State) clear() error {
	spec, specErr := loadSpec(s)
	if err := s.endProcesses(); err != nil {
		return err
	}
	if err := s.removeVolumes(); err != nil {
		return fmt.Errorf("volumes: %w", err)
	}
	if err := s.removeStrays(); err != nil {
		return err
	}
	if specErr == nil && spec.Mode == Node {
		if err := network.Delete(spec.Plan, s.netns()); err != nil {
			return err
		}
	}
	if err := s.unmountAll(); err != nil {
		return err
	}
	if err := s.removeCgroups(); err != nil {
		return err
	}
	return s.empty()
}

// cleanLooks is how often in a row no process must be found. One look is not
// enough: in the midst of exec a process shows an empty environment.
const cleanLooks = 3

// endProcesses kills until nothing is left to kill: a process may start
// another between the look and the blow.
func (s State) endProcesses() error {
	clean := 0
	return eventually("processes do not end", func() error {
		ids := s.processes()
		for _, id := range ids {
			if err := id.Kill(); err != nil {
				return fmt.Errorf("process %d: %w", id.PID, err)
			}
		}
		if len(ids) > 0 {
			clean = 0
			return fmt.Errorf("%d left", len(ids))
		}
		if clean++; clean < cleanLooks {
			return errors.New("some may have been starting")
		}
		return nil
	})
}

// processes finds every process of the cluster: the daemons by their pid files
// and by their environment, the containers by their cgroup.
func (s State) processes() []process.ID {
	found := process.Marked(s.mark())
	for _, id := range process.LoadAll(s.pids()) {
		if id.Alive() {
			found = append(found, id)
		}
	}
	for _, cgroup := range s.cgroups() {
		found = append(found, process.Members(cgroup)...)
	}
	return found
}

// empty removes all that is in the state folder.
func (s State) empty() error {
	entries, err := os.ReadDir(s.Dir)
	if err != nil {
		return err
	}
	for _, entry := range entries {
		if err := os.RemoveAll(s.path(entry.Name())); err != nil {
			return err
		}
	}
	return nil
}

// leaveRoot removes what all clusters share, once there are none.
func leaveRoot() error {
	if _, err := os.Lstat(Root()); errors.Is(err, os.ErrNotExist) {
		return nil
	}
	unlock, err := lockDir(Root())
	if err != nil {
		return err
	}
	defer unlock()
	names, err := Names()
	if err != nil || len(names) > 0 {
		return err
	}
	if err := restoreTunables(); err != nil {
		return err
	}
	for _, dir := range slices.Concat(cgroupParents(), sharedDirs(), []string{Root()}) {
		// Not empty, or somebody else's: it is not for us to remove.
		_ = os.Remove(dir)
	}
	return nil
}

// eventually waits for what the kernel completes in its own time.
func eventually(what string, check func() error) error {
	deadline := time.Now().Add(goneDeadline)
	for {
		err := check()
		if err == nil {
			return nil
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("%s within %v: %w", what, goneDeadline, err)
		}
		time.Sleep(gonePoll)
	}
}

// gonePoll is how often eventually looks; the end of a process is a matter of
// milliseconds.
const gonePoll = 10 * time.Millisecond
