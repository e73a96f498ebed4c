package bench

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// eventDeadline bounds the wait for events that do not come.
const eventDeadline = 60 * time.Second

// events measures what telling watches of changes costs: the same changes are
// made with nobody watching and with all watching, and the difference is shared
// among the events. With ahead 1 a change is made when all have been told of the
// one before, as in a calm cluster; with 0 as fast as the writers can.
func events(ahead int) func(context.Context, *Run, *Server) (Figures, error) {
	return func(ctx context.Context, run *Run, server *Server) (Figures, error) {
		var alone, watched Figures
		for watched.cost-alone.cost < run.CPU && watched.took < run.Longest {
			figures, err := run.once(server, func() (int, error) {
				return run.Changes, run.change(ctx, server, ahead, nil)
			})
			if err != nil {
				return Figures{}, err
			}
			alone.add(figures)
			if figures, err = run.watched(ctx, server, ahead); err != nil {
				return Figures{}, err
			}
			watched.add(figures)
		}
		watched.cost -= alone.cost
		watched.etcd -= alone.etcd
		return watched, nil
	}
}

// watched makes the changes with all watching; what is counted are events.
func (r *Run) watched(ctx context.Context, server *Server, ahead int) (Figures, error) {
	audience, err := r.gather(ctx, server)
	if err != nil {
		return Figures{}, err
	}
	defer audience.leave()
	return r.once(server, func() (int, error) {
		if err := r.change(ctx, server, ahead, audience); err != nil {
			return 0, err
		}
		return r.Changes * r.Watchers, audience.told(ctx, r.Changes)
	})
}

// change makes the changes; with ahead 1 it waits after each for the audience, if
// there is one.
func (r *Run) change(ctx context.Context, server *Server, ahead int, audience *audience) error {
	if ahead == 0 {
		return spread(ctx, r.Workers, r.Changes, func(ctx context.Context, worker, index int) error {
			return server.update(ctx, worker, index%r.Objects)
		})
	}
	for index := range r.Changes {
		if err := server.update(ctx, 0, index%r.Objects); err != nil {
			return err
		}
		if audience == nil {
			continue
		}
		if err := audience.told(ctx, index+1); err != nil {
			return err
		}
	}
	return nil
}

// audience is all that watch.
type audience struct {
	client  *Client
	cancel  context.CancelFunc
	ended   sync.WaitGroup
	size    int64
	events  atomic.Int64  // of all together
	wanted  atomic.Int64  // how many are waited for
	arrived chan struct{} // holds one: as many as wanted are there
	failed  chan error    // holds one: a watch ended
}

// gather opens the watches, from now on, and returns when all are open.
func (r *Run) gather(ctx context.Context, server *Server) (*audience, error) {
	connections := (r.Watchers + r.Sharing - 1) / r.Sharing
	client, err := NewClient(r.pki, server.address, server.identity, connections)
	if err != nil {
		return nil, err
	}
	watching, cancel := context.WithCancel(ctx)
	a := &audience{
		client: client, cancel: cancel, size: int64(r.Watchers),
		arrived: make(chan struct{}, 1), failed: make(chan error, 1),
	}
	a.wanted.Store(-1)
	path, err := server.watchPath(ctx)
	if err != nil {
		a.leave()
		return nil, err
	}
	for index := range r.Watchers {
		response, err := client.open(watching, index, Request{Method: http.MethodGet, Path: path})
		if err != nil {
			a.leave()
			return nil, err
		}
		a.ended.Go(func() { a.follow(response) })
	}
	return a, nil
}

// watchPath is that of a watch from now on.
func (s *Server) watchPath(ctx context.Context) (string, error) {
	var answer bytes.Buffer
	if err := s.Do(ctx, 0, Request{Method: http.MethodGet, Path: s.path() + "?limit=1"}, &answer); err != nil {
		return "", err
	}
	var list struct {
		Metadata struct{ ResourceVersion string }
	}
	if err := json.Unmarshal(answer.Bytes(), &list); err != nil {
		return "", err
	}
	return s.path() + "?watch=true&resourceVersion=" + list.Metadata.ResourceVersion, nil
}

// follow counts the events of one watch: each is a line.
func (a *audience) follow(response *http.Response) {
	defer response.Body.Close()
	buffer := make([]byte, 64<<10)
	beginning := true
	for {
		n, err := response.Body.Read(buffer)
		if beginning && n > 0 {
			beginning = false
			if !bytes.HasPrefix(buffer[:n], []byte(`{"type":"MODIFIED",`)) {
				a.fail(fmt.Errorf("a watch was told %q", buffer[:min(n, errorShown)]))
			}
		}
		lines := int64(bytes.Count(buffer[:n], []byte{'\n'}))
		if sum := a.events.Add(lines); lines > 0 && sum == a.wanted.Load() {
			a.notify()
		}
		if err != nil {
			a.fail(fmt.Errorf("a watch ended: %w", err))
			return
		}
	}
}

func (a *audience) notify() {
	select {
	case a.arrived <- struct{}{}:
	default:
	}
}

func (a *audience) fail(err error) {
	select {
	case a.failed <- err:
	default:
	}
}

// told returns when every watch has been told of so many changes.
func (a *audience) told(ctx context.Context, changes int) error {
	wanted := int64(changes) * a.size
	a.wanted.Store(wanted)
	deadline := time.NewTimer(eventDeadline)
	defer deadline.Stop()
	for a.events.Load() < wanted {
		select {
		case <-a.arrived:
		case err := <-a.failed:
			return err
		case <-deadline.C:
			return fmt.Errorf("watches were told of %d events instead of %d", a.events.Load(), wanted)
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	if a.events.Load() > wanted {
		return errors.New("watches were told of more than was changed")
	}
	return nil
}

// leave ends the watches.
func (a *audience) leave() {
	a.cancel()
	a.ended.Wait()
	a.client.Close()
}
