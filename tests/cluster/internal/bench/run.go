package bench

import (
	"context"
	"fmt"
	"os"
	"slices"
	"time"
)

// Run is one run of all cases on all servers.
type Run struct {
	*Settings
	servers []*Server
	pki     string
	etcd    int // pid
}

// Figures is what some work cost.
type Figures struct {
	done int           // requests or events
	cost time.Duration // CPU of the server
	etcd time.Duration // CPU of etcd meanwhile
	own  time.Duration // CPU of this program meanwhile
	took time.Duration
}

func (f *Figures) add(other Figures) {
	f.done += other.done
	f.cost += other.cost
	f.etcd += other.etcd
	f.own += other.own
	f.took += other.took
}

// each is the CPU of one request or event, in milliseconds.
func (f Figures) each() float64 { return f.cost.Seconds() * 1000 / float64(f.done) }

// rate is how many there were in a second.
func (f Figures) rate() float64 { return float64(f.done) / f.took.Seconds() }

// Results are the figures of all rounds, and memory at its stages.
type Results struct {
	Settings *Settings
	Servers  []string
	Cases    []Case
	figures  map[string]map[string][]Figures // by case, by server
	memory   map[string][]Memory             // by server, by stage
	sizes    map[string]int                  // by server: bytes of an object as served
}

// stages of memory.
var stages = []string{"before the load", "after the load", "after all rounds"}

// Measure runs all cases but the durable ones. There are no results if none of
// them was asked for.
func Measure(ctx context.Context, bed *Bed, settings *Settings) (*Results, error) {
	run := &Run{Settings: settings, pki: bed.PKI, etcd: bed.etcd}
	results := &Results{
		Settings: settings, figures: map[string]map[string][]Figures{},
		memory: map[string][]Memory{}, sizes: map[string]int{},
	}
	for _, server := range bed.Servers {
		if chosen(settings.Servers, server.Name) {
			run.servers = append(run.servers, server)
			results.Servers = append(results.Servers, server.Name)
		}
	}
	for _, one := range Cases() {
		if chosen(settings.Only, one.Name) {
			results.Cases = append(results.Cases, one)
			results.figures[one.Name] = map[string][]Figures{}
		}
	}
	if len(results.Cases) == 0 {
		return nil, nil
	}
	if err := run.fill(ctx, results); err != nil {
		return nil, err
	}
	for round := range settings.Rounds {
		if err := run.round(ctx, round, results); err != nil {
			return nil, err
		}
	}
	return results, run.remember(ctx, results)
}

// fill loads every server and checks what it serves.
func (r *Run) fill(ctx context.Context, results *Results) error {
	if err := r.remember(ctx, results); err != nil {
		return err
	}
	for _, server := range r.servers {
		began := time.Now()
		if err := server.load(ctx, r.Settings); err != nil {
			return fmt.Errorf("%s: load: %w", server.Name, err)
		}
		tell("%s has %d objects after %.1f s", server.Name, r.Objects, time.Since(began).Seconds())
	}
	if err := r.remember(ctx, results); err != nil {
		return err
	}
	for _, server := range r.servers {
		size, err := r.verify(ctx, server)
		if err != nil {
			return fmt.Errorf("%s: %w", server.Name, err)
		}
		results.sizes[server.Name] = size
	}
	return nil
}

// round measures every case once, with one server after the other. The first
// round begins with a warm-up that is not counted.
func (r *Run) round(ctx context.Context, round int, results *Results) error {
	for _, one := range results.Cases {
		for _, server := range r.servers {
			if round == 0 {
				if err := r.warm(ctx, one, server); err != nil {
					return fmt.Errorf("%s: %s: %w", server.Name, one.Name, err)
				}
			}
			figures, err := one.measure(ctx, r, server)
			if err != nil {
				return fmt.Errorf("%s: %s: %w", server.Name, one.Name, err)
			}
			tell("round %d  %-26s %-17s %9.3f ms  %9.0f /s  (%d in %.1f s, CPU %.2f s)", round+1, one.Name, server.Name,
				figures.each(), figures.rate(),
				figures.done, figures.took.Seconds(), figures.cost.Seconds())
			byServer := results.figures[one.Name]
			byServer[server.Name] = append(byServer[server.Name], figures)
		}
	}
	return nil
}

// warm is a quarter of a measurement.
func (r *Run) warm(ctx context.Context, one Case, server *Server) error {
	settings := *r.Settings
	settings.CPU /= 4
	settings.Longest /= 4
	settings.Changes = max(1, settings.Changes/4)
	_, err := one.measure(ctx, &Run{Settings: &settings, servers: r.servers, pki: r.pki, etcd: r.etcd}, server)
	return err
}

// remember notes the memory of all servers, once they have come to rest.
func (r *Run) remember(ctx context.Context, results *Results) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(r.Settle):
	}
	for _, server := range r.servers {
		now, err := memory(server.PID)
		if err != nil {
			return fmt.Errorf("%s: %w", server.Name, err)
		}
		results.memory[server.Name] = append(results.memory[server.Name], now)
	}
	return nil
}

// repeated measures a batch again and again.
func repeated(work batch) func(context.Context, *Run, *Server) (Figures, error) {
	return func(ctx context.Context, run *Run, server *Server) (Figures, error) {
		return run.until(ctx, server, func() (int, error) { return work(ctx, run, server) })
	}
}

// until works until that has cost enough to be measured well.
func (r *Run) until(ctx context.Context, server *Server, work func() (int, error)) (Figures, error) {
	var total Figures
	for total.cost < r.CPU && total.took < r.Longest {
		figures, err := r.once(server, work)
		if err != nil {
			return Figures{}, err
		}
		total.add(figures)
	}
	return total, ctx.Err()
}

// once measures work that says how much it is.
func (r *Run) once(server *Server, work func() (int, error)) (Figures, error) {
	pids := []int{server.PID, r.etcd, os.Getpid()}
	before, err := usages(pids)
	if err != nil {
		return Figures{}, err
	}
	began := time.Now()
	done, err := work()
	took := time.Since(began)
	if err != nil {
		return Figures{}, err
	}
	after, err := usages(pids)
	if err != nil {
		return Figures{}, err
	}
	return Figures{
		done: done, cost: after[0] - before[0], etcd: after[1] - before[1], own: after[2] - before[2], took: took,
	}, nil
}

func usages(pids []int) ([]time.Duration, error) {
	var all []time.Duration
	for _, pid := range pids {
		used, err := cpu(pid)
		if err != nil {
			return nil, err
		}
		all = append(all, used)
	}
	return all, nil
}

func tell(format string, values ...any) { fmt.Fprintf(os.Stderr, "bench: "+format+"\n", values...) }

// median of at least one value.
func median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	middle := len(sorted) / 2
	if len(sorted)%2 == 1 {
		return sorted[middle]
	}
	return (sorted[middle-1] + sorted[middle]) / 2
}
