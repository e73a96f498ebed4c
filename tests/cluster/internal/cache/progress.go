package cache

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"time"
)

// heartbeat is how often a long step says that it is alive: the Go compiler
// itself says nothing for minutes.
const heartbeat = 20 * time.Second

// tailLines is how much of a failed step's output is shown.
const tailLines = 20

// progress is the name that a step's lines begin with.
type progress string

// run runs a command and says what it does and for how long; its output is
// shown only if it fails.
func (p progress) run(what string, cmd *exec.Cmd) error {
	began := time.Now()
	p.say(what, began)
	var output bytes.Buffer
	cmd.Stdout, cmd.Stderr = &output, &output
	if err := cmd.Start(); err != nil {
		return err
	}
	done := make(chan error, 1)
	go func() { done <- cmd.Wait() }()
	ticker := time.NewTicker(heartbeat)
	defer ticker.Stop()
	for {
		select {
		case err := <-done:
			if err != nil {
				return fmt.Errorf("%s: %w\n%s", what, err, tail(output.String()))
			}
			p.say(what+": done", began)
			return nil
		case <-ticker.C:
			p.say(what, began)
		}
	}
}

func (p progress) say(what string, began time.Time) {
	fmt.Fprintf(os.Stderr, "%-20s %5.0f s  %s\n", string(p), time.Since(began).Seconds(), what)
}

func tail(output string) string {
	lines := strings.Split(strings.TrimSpace(output), "\n")
	if len(lines) > tailLines {
		lines = lines[len(lines)-tailLines:]
	}
	return strings.Join(lines, "\n")
}
