package cluster

import (
	"context"
	"fmt"
	"os"
	"strings"
	"time"

	"tributary.dev/tests/cluster/internal/process"
)

// poll is how often a condition is looked at: fine enough not to show in a
// start of a few seconds, coarse enough not to load the two cores it shares.
const poll = 50 * time.Millisecond

// Deadlines are ten times what a start takes on two cores, for machines that
// do other work at the same time.
const (
	apiserverDeadline = 60 * time.Second
	componentDeadline = 30 * time.Second
	nodeDeadline      = 90 * time.Second
)

// logLines is how much of a log a failed wait shows.
const logLines = 15

// condition is what to wait for and whose log tells why it does not come.
type condition struct {
	what     string
	deadline time.Duration
	daemon   *process.Daemon
	check    func(context.Context) error // nil once it holds
}

// wait returns as soon as the condition holds, or fails at its deadline or as
// soon as the daemon has ended.
func wait(caller context.Context, c condition) error {
	ctx, cancel := context.WithTimeout(caller, c.deadline)
	defer cancel()
	ticker := time.NewTicker(poll)
	defer ticker.Stop()
	for {
		err := c.check(ctx)
		if err == nil {
			return nil
		}
		if exited := c.daemon.Exited(); exited != nil {
			return c.fail(exited)
		}
		select {
		case <-ctx.Done():
			if caller.Err() != nil {
				return caller.Err() // interrupted
			}
			return c.fail(fmt.Errorf("not within %v: %w", c.deadline, err))
		case <-ticker.C:
		}
	}
}

func (c condition) fail(err error) error {
	return fmt.Errorf("%s: %w\nthe end of %s:\n%s", c.what, err, c.daemon.Log, lastLines(c.daemon.Log))
}

// lastLines is the end of a file, as far as it can be read.
func lastLines(file string) string {
	content, err := os.ReadFile(file)
	if err != nil {
		return err.Error()
	}
	lines := strings.Split(strings.TrimRight(string(content), "\n"), "\n")
	if len(lines) > logLines {
		lines = lines[len(lines)-logLines:]
	}
	return "  " + strings.Join(lines, "\n  ")
}
