package bench

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"
)

// ways are the kinds of durable writes, and clients how many make them at once.
var (
	ways    = []string{"create", "update", "merge patch"}
	clients = []int{1, 8, 32, 128}
)

// loadingClients is how many load objects where all of them count.
const loadingClients = 128

// Writing is a durable case.
type Writing struct {
	way     string
	clients int
}

// Name is what --only chooses by.
func (w Writing) Name() string { return "durable " + w.label() }

func (w Writing) label() string {
	if w.clients == 1 {
		return w.way + ", 1 client"
	}
	return fmt.Sprintf("%s, %d clients", w.way, w.clients)
}

// writings are those asked for, in the order of the table.
func (s *Settings) writings() []Writing {
	var all []Writing
	for _, way := range ways {
		for _, count := range clients {
			if one := (Writing{way, count}); chosen(s.Only, one.Name()) {
				all = append(all, one)
			}
		}
	}
	return all
}

// Written is what writes cost, and how long half of them, and nearly all, took.
type Written struct {
	Figures
	half, most time.Duration
}

// round measures every case once, with one server after the other. The first
// round begins with a warm-up that is not counted.
func (d *Durable) round(ctx context.Context, round int) error {
	for _, one := range d.results.Cases {
		for _, server := range d.servers {
			if round == 0 {
				if _, err := d.write(ctx, server, one, d.Lasting/4); err != nil {
					return fmt.Errorf("%s: %s: %w", server.Name, one.Name(), err)
				}
			}
			written, err := d.write(ctx, server, one, d.Lasting)
			if err != nil {
				return fmt.Errorf("%s: %s: %w", server.Name, one.Name(), err)
			}
			tell("round %d  %-32s %-17s %7.0f /s  %8.4f ms CPU  p50 %7.3f  p99 %7.3f ms  (%d in %.1f s; CPU of this program %.0f %%)",
				round+1, one.Name(), server.Name, written.rate(), written.each(), milliseconds(written.half),
				milliseconds(written.most), written.done, written.took.Seconds(), 100*written.own.Seconds()/written.took.Seconds())
			d.results.add(one, server, written)
		}
	}
	return nil
}

// write has all clients write for a time.
func (d *Durable) write(ctx context.Context, server *Server, one Writing, lasting time.Duration) (Written, error) {
	var made atomic.Int64
	do := func(ctx context.Context, client, nth int) error {
		// An object belongs to one client: no two write it at once.
		index := client + one.clients*(nth%(d.Objects/one.clients))
		switch one.way {
		case "create":
			return server.createOne(ctx, client, int(made.Add(1)-1))
		case "update":
			return server.update(ctx, client, index)
		default:
			return server.patchOne(ctx, client, index)
		}
	}
	var took []time.Duration
	figures, err := d.once(server, func() (int, error) {
		var err error
		took, err = flood(ctx, one.clients, lasting, do)
		return len(took), err
	})
	if err != nil {
		return Written{}, err
	}
	written := Written{Figures: figures, half: quantile(took, 0.5), most: quantile(took, 0.99)}
	return written, server.delete(ctx, loadingClients, 0, int(made.Load()))
}
