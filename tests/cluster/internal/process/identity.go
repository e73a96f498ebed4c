// Package process starts daemons that outlive the program, recognizes them
// again later, and ends them without ever hitting another process.
package process

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// ID names one process for good: a pid alone is reused, a pid with its start
// time only within another boot.
type ID struct {
	PID   int
	Start uint64 // clock ticks after boot
	Boot  string // the kernel's boot_id
}

// Identify returns the ID of a running process. A zombie counts as gone: it
// holds nothing but its number.
func Identify(pid int) (ID, error) {
	boot, err := bootID()
	if err != nil {
		return ID{}, err
	}
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return ID{}, err
	}
	state, start, err := parseStat(string(stat))
	if err != nil {
		return ID{}, err
	}
	if state == "Z" || state == "X" {
		return ID{}, fmt.Errorf("process %d has ended", pid)
	}
	return ID{PID: pid, Start: start, Boot: boot}, nil
}

// parseStat takes the state and the start time from /proc/PID/stat. The second
// field, the command's name, may itself hold blanks and parentheses.
func parseStat(stat string) (state string, start uint64, err error) {
	const startField = 22 - 3 // proc(5): field 22, counted after "pid (name) "
	end := strings.LastIndex(stat, ")")
	if end < 0 {
		return "", 0, fmt.Errorf("malformed stat %q", stat)
	}
	fields := strings.Fields(stat[end+1:])
	if len(fields) <= startField {
		return "", 0, fmt.Errorf("malformed stat %q", stat)
	}
	start, err = strconv.ParseUint(fields[startField], 10, 64)
	return fields[0], start, err
}

func bootID() (string, error) {
	content, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	return strings.TrimSpace(string(content)), err
}

// Alive says whether this very process still runs.
func (id ID) Alive() bool {
	now, err := Identify(id.PID)
	return err == nil && now == id
}

// Kill ends the process at once; one that is gone already is no error.
func (id ID) Kill() error { return id.signal(syscall.SIGKILL) }

// Terminate asks the process to end; one that is gone already is no error.
func (id ID) Terminate() error { return id.signal(syscall.SIGTERM) }

// signal takes the handle before the check, so that the number cannot change
// hands between the check and the signal.
func (id ID) signal(signal syscall.Signal) error {
	handle, err := os.FindProcess(id.PID)
	if err != nil {
		return nil
	}
	defer handle.Release()
	if !id.Alive() {
		return nil
	}
	err = handle.Signal(signal)
	if errors.Is(err, os.ErrProcessDone) || errors.Is(err, syscall.ESRCH) {
		return nil
	}
	return err
}

// Save writes the ID as a pid file.
func (id ID) Save(file string) error {
	return os.WriteFile(file, fmt.Appendf(nil, "%d %d %s\n", id.PID, id.Start, id.Boot), 0o644)
}

// Load reads a pid file.
func Load(file string) (ID, error) {
	content, err := os.ReadFile(file)
	if err != nil {
		return ID{}, err
	}
	var id ID
	if _, err := fmt.Sscan(string(content), &id.PID, &id.Start, &id.Boot); err != nil {
		return ID{}, fmt.Errorf("pid file %s: %w", file, err)
	}
	return id, nil
}

// LoadAll reads every pid file of a folder, by name. A file that a crash cut
// short is left out: Marked finds its process.
func LoadAll(dir string) map[string]ID {
	ids := map[string]ID{}
	files, _ := filepath.Glob(filepath.Join(dir, "*"+pidSuffix)) // fails only on a malformed pattern
	for _, file := range files {
		if id, err := Load(file); err == nil {
			ids[strings.TrimSuffix(filepath.Base(file), pidSuffix)] = id
		}
	}
	return ids
}

const pidSuffix = ".pid"
