package process

import (
	"bytes"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// Marked returns every process that carries the assignment, such as KEY=value,
// in its environment. Children inherit it, so it finds what a crash left
// behind even where no pid file does. In the midst of exec a process has an
// empty environment for some microseconds: look again before relying on none.
func Marked(assignment string) []ID {
	var found []ID
	files, _ := filepath.Glob("/proc/[0-9]*/environ") // fails only on a malformed pattern
	for _, file := range files {
		environ, err := os.ReadFile(file)
		if err != nil || !hasEntry(environ, assignment) {
			continue // another user's, or gone
		}
		found = appendID(found, filepath.Base(filepath.Dir(file)))
	}
	return found
}

func hasEntry(environ []byte, assignment string) bool {
	for entry := range bytes.SplitSeq(environ, []byte{0}) {
		if string(entry) == assignment {
			return true
		}
	}
	return false
}

// Members returns the processes of a cgroup and of all beneath it.
func Members(cgroup string) []ID {
	var found []ID
	_ = filepath.WalkDir(cgroup, func(path string, entry os.DirEntry, err error) error {
		if err != nil || entry.Name() != "cgroup.procs" {
			return nil // a cgroup that goes while we look has no members
		}
		content, err := os.ReadFile(path)
		if err != nil {
			return nil
		}
		for _, pid := range strings.Fields(string(content)) {
			found = appendID(found, pid)
		}
		return nil
	})
	return found
}

// appendID leaves out this program, whatever environment it was started in.
func appendID(ids []ID, text string) []ID {
	pid, err := strconv.Atoi(text)
	if err != nil || pid == os.Getpid() {
		return ids
	}
	id, err := Identify(pid)
	if err != nil {
		return ids
	}
	return append(ids, id)
}
