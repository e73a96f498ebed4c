package process

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
)

// Command says how to run a daemon.
type Command struct {
	Name string // names its pid file and its log
	Path string
	Args []string
	Env  []string // its whole environment
}

// Daemon is a process started by this run of the program.
type Daemon struct {
	ID
	Name   string
	Log    string
	exited chan struct{}
	state  string
}

// Start runs the command in a session of its own, so that neither the end of
// this program nor of its terminal reaches it.
func Start(command Command, pidDir, logDir string) (*Daemon, error) {
	logFile := filepath.Join(logDir, command.Name+".log")
	log, err := os.OpenFile(logFile, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return nil, err
	}
	defer log.Close()
	cmd := exec.Command(command.Path, command.Args...)
	cmd.Env = command.Env
	cmd.Dir = "/"
	cmd.Stdout, cmd.Stderr = log, log
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("%s: %w", command.Name, err)
	}
	daemon := &Daemon{Name: command.Name, Log: logFile, exited: make(chan struct{})}
	id, err := Identify(cmd.Process.Pid)
	go daemon.reap(cmd)
	if err != nil {
		return nil, fmt.Errorf("%s ended at once; see %s", command.Name, logFile)
	}
	daemon.ID = id
	return daemon, id.Save(filepath.Join(pidDir, command.Name+pidSuffix))
}

func (d *Daemon) reap(cmd *exec.Cmd) {
	var exit *exec.ExitError
	if err := cmd.Wait(); errors.As(err, &exit) || err == nil {
		d.state = cmd.ProcessState.String()
	}
	close(d.exited)
}

// Exited returns how the daemon ended, or nil while it runs.
func (d *Daemon) Exited() error {
	select {
	case <-d.exited:
		return fmt.Errorf("%s ended: %s", d.Name, d.state)
	default:
		return nil
	}
}
