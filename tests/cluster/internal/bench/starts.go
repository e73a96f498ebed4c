package bench

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"time"

	"tributary.dev/tests/cluster/internal/process"
)

const (
	// readyPoll is how often a starting server is asked, and the most by which
	// a start is told too long.
	readyPoll = 2 * time.Millisecond
	// fullDeadline bounds a start with all objects.
	fullDeadline = 2 * time.Minute
)

// The ways of ending a server.
var (
	byTerm = process.ID.Terminate
	byKill = process.ID.Kill
)

// Started is how long a start took, from the moment before the process was made.
type Started struct {
	ready time.Duration // until /readyz was 200
	reads time.Duration // until an object was read; 0 where there is none
}

// start starts a server that does not run.
func (d *Durable) start(ctx context.Context, server *Server) (Started, error) {
	ctx, cancel := context.WithTimeout(ctx, fullDeadline)
	defer cancel()
	if server.Client != nil {
		server.Client.Close()
	}
	began := time.Now()
	running, err := server.run()
	if err != nil {
		return Started{}, err
	}
	server.PID, server.daemon, server.address = running.PID, running.daemon, running.address
	if err := server.connect(d.bed.PKI, mostConnections); err != nil {
		return Started{}, err
	}
	var started Started
	if started.ready, err = server.asked(ctx, began, "/readyz"); err != nil {
		return Started{}, err
	}
	if last := len(server.revisions); last > 0 {
		started.reads, err = server.asked(ctx, began, server.one(last-1))
		return started, err
	}
	return started, server.answers(ctx)
}

// asked waits for the first answer with success, and returns when it came.
func (s *Server) asked(ctx context.Context, began time.Time, path string) (time.Duration, error) {
	for {
		err := s.Do(ctx, 0, Request{Method: http.MethodGet, Path: path}, nil)
		if err == nil {
			return time.Since(began), nil
		}
		if ended := s.Ended(); ended != nil {
			return 0, ended
		}
		select {
		case <-ctx.Done():
			return 0, fmt.Errorf("%s %s: %w: %w", s.Name, path, ctx.Err(), err)
		case <-time.After(readyPoll):
		}
	}
}

// stop ends a server and waits until it is gone.
func (d *Durable) stop(ctx context.Context, server *Server, end func(process.ID) error) error {
	if err := end(server.daemon.ID); err != nil {
		return err
	}
	return until(ctx, server.Name+" ends", func() error {
		if server.daemon.Exited() != nil {
			return nil
		}
		return errors.New("it runs")
	})
}

// restarts ends and starts a server several times, with something done between.
func (d *Durable) restarts(ctx context.Context, server *Server, kind string, end func(process.ID) error, between func() error) error {
	for range d.Starts {
		if err := d.stop(ctx, server, end); err != nil {
			return err
		}
		if err := between(); err != nil {
			return err
		}
		started, err := d.start(ctx, server)
		if err != nil {
			return fmt.Errorf("%s: %s: %w", server.Name, kind, err)
		}
		if err := server.hasAll(ctx); err != nil {
			return fmt.Errorf("%s: %s: %w", server.Name, kind, err)
		}
		tell("%-26s %-17s ready after %7.1f ms, an object is read after %7.1f ms", kind, server.Name,
			milliseconds(started.ready), milliseconds(started.reads))
		d.results.started(kind, server, started)
	}
	return nil
}

// startEmpty measures starts of a gateway without objects.
func (d *Durable) startEmpty(ctx context.Context, server *Server) error {
	remove := func() error { return os.Remove(d.file) }
	if err := d.restarts(ctx, server, newFile, byTerm, remove); err != nil {
		return err
	}
	return d.restarts(ctx, server, empty, byTerm, nothing)
}

// startFull measures starts with all objects, and memory after the last.
func (d *Durable) startFull(ctx context.Context) error {
	for _, server := range d.servers {
		if server.Name == durableGateway {
			if err := d.forget(ctx, server); err != nil {
				return err
			}
		}
		began, before := time.Now(), len(server.revisions)
		if err := server.loadMore(ctx, loadingClients, d.Stored); err != nil {
			return fmt.Errorf("%s: load: %w", server.Name, err)
		}
		took := time.Since(began).Seconds()
		tell("%s has %d objects after %.1f s, %.0f /s", server.Name, d.Stored, took, float64(d.Stored-before)/took)
		if err := d.restarts(ctx, server, killed, byKill, nothing); err != nil {
			return err
		}
		if err := d.restarts(ctx, server, full, byTerm, nothing); err != nil {
			return err
		}
		if err := d.weighWarm(ctx, server); err != nil {
			return err
		}
		if server.Name == durableGateway {
			if err := d.startChanged(ctx, server); err != nil {
				return err
			}
		}
	}
	return nil
}

// forget begins a new file: the changes of durable writes before are not to be
// among what is read.
func (d *Durable) forget(ctx context.Context, server *Server) error {
	if err := d.stop(ctx, server, byTerm); err != nil {
		return err
	}
	if err := os.Remove(d.file); err != nil {
		return err
	}
	server.revisions = nil
	_, err := d.start(ctx, server)
	return err
}

// startChanged measures starts of a gateway whose file has, beside all objects,
// the changes of half of them: with what was before, for watches.
func (d *Durable) startChanged(ctx context.Context, server *Server) error {
	info, err := os.Stat(d.file)
	if err != nil {
		return err
	}
	d.results.file = info.Size()
	err = spread(ctx, loadingClients, d.Stored/2, func(ctx context.Context, worker, index int) error {
		return server.update(ctx, worker, index)
	})
	if err != nil {
		return err
	}
	if err := d.restarts(ctx, server, changed, byTerm, nothing); err != nil {
		return err
	}
	return d.weigh(ctx, server, changed)
}

// weighWarm reads the memory of a server that has just been started, at rest, and
// at rest after it was asked for everything once.
func (d *Durable) weighWarm(ctx context.Context, server *Server) error {
	if err := d.weigh(ctx, server, full); err != nil {
		return err
	}
	// sample-apiserver may be told ready, and filled only later.
	err := until(ctx, server.Name+" lists", func() error {
		return server.Do(ctx, 0, Request{Method: http.MethodGet, Path: server.all()}, nil)
	})
	if err != nil {
		return err
	}
	return d.weigh(ctx, server, listed)
}

// weigh reads the memory of a server at rest.
func (d *Durable) weigh(ctx context.Context, server *Server, kind string) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d.Settle):
	}
	held, err := memory(server.PID)
	if err != nil {
		return err
	}
	tell("%-26s %-17s %s MiB resident, %s at the peak", kind, server.Name, mebibytes(held.Resident), mebibytes(held.Peak))
	d.results.weighed(kind, server, held)
	return nil
}

// hasAll checks how many objects a server has, without reading them.
func (s *Server) hasAll(ctx context.Context) error {
	var answer bytes.Buffer
	if err := s.Do(ctx, 0, Request{Method: http.MethodGet, Path: s.path() + "?limit=1"}, &answer); err != nil {
		return err
	}
	var list struct {
		Metadata struct{ RemainingItemCount int }
		Items    []json.RawMessage
	}
	if err := json.Unmarshal(answer.Bytes(), &list); err != nil {
		return err
	}
	if count := len(list.Items) + list.Metadata.RemainingItemCount; count != len(s.revisions) {
		return fmt.Errorf("it has %d objects instead of %d", count, len(s.revisions))
	}
	return nil
}

func nothing() error { return nil }
