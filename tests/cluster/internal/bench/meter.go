package bench

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"
)

// tick is the unit of CPU time in /proc: USER_HZ is 100 on every architecture
// that Go runs on.
const tick = 10 * time.Millisecond

// cpu is the CPU time that a process has used so far, with all of its threads,
// those that have ended too.
func cpu(pid int) (time.Duration, error) {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0, err
	}
	return parseCPU(string(stat))
}

// parseCPU adds utime and stime: proc(5), fields 14 and 15. The second field, the
// command's name, may itself hold blanks and parentheses.
func parseCPU(stat string) (time.Duration, error) {
	const user, system = 14 - 3, 15 - 3 // counted after "pid (name) "
	fields := strings.Fields(stat[strings.LastIndex(stat, ")")+1:])
	if len(fields) <= system {
		return 0, fmt.Errorf("malformed stat %q", stat)
	}
	var ticks uint64
	for _, field := range []string{fields[user], fields[system]} {
		n, err := strconv.ParseUint(field, 10, 64)
		if err != nil {
			return 0, fmt.Errorf("malformed stat %q", stat)
		}
		ticks += n
	}
	return time.Duration(ticks) * tick, nil
}

// Memory is what a process holds, in KiB.
type Memory struct {
	Resident int64
	Peak     int64 // the most that was ever resident
}

func memory(pid int) (Memory, error) {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return Memory{}, err
	}
	return parseMemory(string(status))
}

func parseMemory(status string) (Memory, error) {
	var memory Memory
	for name, value := range map[string]*int64{"VmRSS:": &memory.Resident, "VmHWM:": &memory.Peak} {
		_, rest, found := strings.Cut(status, "\n"+name)
		if !found {
			return Memory{}, fmt.Errorf("no %s in status", name)
		}
		if _, err := fmt.Sscanf(rest, "%d kB", value); err != nil {
			return Memory{}, fmt.Errorf("%s %w", name, err)
		}
	}
	return memory, nil
}
