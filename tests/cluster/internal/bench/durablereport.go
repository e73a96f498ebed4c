package bench

import (
	"fmt"
	"io"
	"slices"
	"time"
)

// What durable storage is to reach.
const (
	rateAim    = 3 // times sample-apiserver's writes a second, at so many clients
	aimClients = 32

	fullAim   = 1500 * time.Millisecond // from the start to ready, with storedAim objects
	emptyAim  = 150 * time.Millisecond
	storedAim = 100_000
)

// The kinds of starts, of which some are followed by a look at memory.
const (
	newFile = "empty, no file yet"
	empty   = "empty, after SIGTERM"
	full    = "all objects, after SIGTERM"
	killed  = "all objects, after kill -9"
	changed = "half of them just changed"
	// untilRead is a line below that of a start.
	untilRead = "  until an object is read"
	listed    = "after a LIST of all"
)

// DurableResults are the figures of durable storage.
type DurableResults struct {
	Settings *Settings
	Cases    []Writing
	disk     Disk
	file     int64 // bytes of the database, with all objects; 0: not measured
	written  map[Writing]map[string][]Written
	starts   map[string]map[string][]Started // by kind, by server
	memory   map[string]map[string]Memory    // by kind, by server
}

func newDurableResults(settings *Settings) *DurableResults {
	return &DurableResults{
		Settings: settings, Cases: settings.writings(), written: map[Writing]map[string][]Written{},
		starts: map[string]map[string][]Started{}, memory: map[string]map[string]Memory{},
	}
}

func (r *DurableResults) add(one Writing, server *Server, written Written) {
	if r.written[one] == nil {
		r.written[one] = map[string][]Written{}
	}
	r.written[one][server.Name] = append(r.written[one][server.Name], written)
}

func (r *DurableResults) started(kind string, server *Server, started Started) {
	if r.starts[kind] == nil {
		r.starts[kind] = map[string][]Started{}
	}
	r.starts[kind][server.Name] = append(r.starts[kind][server.Name], started)
}

func (r *DurableResults) weighed(kind string, server *Server, held Memory) {
	if r.memory[kind] == nil {
		r.memory[kind] = map[string]Memory{}
	}
	r.memory[kind][server.Name] = held
}

// Write prints the tables, at most 100 columns wide.
func (r *DurableResults) Write(out io.Writer) {
	fmt.Fprintf(out, "durable: %s\n", r.disk)
	if len(r.Cases) > 0 {
		fmt.Fprintln(out)
		r.writeRates(out)
		fmt.Fprintln(out)
		r.writeCosts(out)
		fmt.Fprintln(out)
		r.writeLatencies(out)
	}
	if r.Settings.startsChosen() {
		fmt.Fprintf(out, "\n%d objects; the database file has %s MiB\n\n", r.Settings.Stored, digits(float64(r.file)/(1<<20)))
		r.writeStarts(out)
		fmt.Fprintln(out)
		r.writeMemory(out)
	}
}

func (r *DurableResults) writeRates(out io.Writer) {
	row(out, "durable writes, 1/s; spread", gateway, "sample", "g : sample", "aim", "spread: g", "sample")
	for _, one := range r.Cases {
		mine, other := r.of(one, durableGateway, Written.rate), r.of(one, sample, Written.rate)
		aim := 0.0
		if one.clients == aimClients {
			aim = rateAim
		}
		row(out, one.label(), cell(mine), cell(other), times(middle(mine), middle(other)),
			faster(middle(mine), middle(other), aim), spreadOrNone(mine), spreadOrNone(other))
	}
}

// writeCosts has etcd's CPU for sample-apiserver's writes; and this program's,
// which has the same processors and may be what keeps a server from more.
func (r *DurableResults) writeCosts(out io.Writer) {
	etcd := func(w Written) float64 { return milliseconds(w.etcd) / float64(w.done) }
	own := func(w Written) float64 { return milliseconds(w.own) / float64(w.done) }
	row(out, "CPU ms for one", gateway, "sample", "its etcd", "g : both", "driver: g", "sample")
	for _, one := range r.Cases {
		mine, other, beneath := r.of(one, durableGateway, Written.each), r.of(one, sample, Written.each), r.of(one, sample, etcd)
		row(out, one.label(), cell(mine), cell(other), cell(beneath), ratio(middle(mine), middle(other)+middle(beneath)),
			cell(r.of(one, durableGateway, own)), cell(r.of(one, sample, own)))
	}
}

func (r *DurableResults) writeLatencies(out io.Writer) {
	half := func(w Written) float64 { return milliseconds(w.half) }
	most := func(w Written) float64 { return milliseconds(w.most) }
	row(out, "ms until acknowledged", "half: g", "sample", "99 %: g", "sample")
	for _, one := range r.Cases {
		row(out, one.label(), cell(r.of(one, durableGateway, half)), cell(r.of(one, sample, half)),
			cell(r.of(one, durableGateway, most)), cell(r.of(one, sample, most)))
	}
}

// writeStarts tells the median and the slowest.
func (r *DurableResults) writeStarts(out io.Writer) {
	ready := func(s Started) float64 { return milliseconds(s.ready) }
	reads := func(s Started) float64 { return milliseconds(s.reads) }
	row(out, "ms from start to ready", gateway, "slowest", "sample", "slowest", "aim")
	for _, line := range []struct {
		name, kind string
		figure     func(Started) float64
		aim        time.Duration
	}{
		{newFile, newFile, ready, emptyAim}, {empty, empty, ready, emptyAim},
		{full, full, ready, r.fullAim()}, {untilRead, full, reads, r.fullAim()},
		{killed, killed, ready, r.fullAim()}, {untilRead, killed, reads, r.fullAim()},
		{changed, changed, ready, 0}, {untilRead, changed, reads, 0},
	} {
		mine, other := each(r.starts[line.kind][durableGateway], line.figure), each(r.starts[line.kind][sample], line.figure)
		row(out, line.name, cell(mine), digits(greatest(mine)), cell(other), digits(greatest(other)), below(middle(mine), line.aim))
	}
}

// fullAim is none with fewer objects than it is meant for.
func (r *DurableResults) fullAim() time.Duration {
	if r.Settings.Stored < storedAim {
		return 0
	}
	return fullAim
}

// writeMemory has the aim where both are warm: sample-apiserver fills its cache after
// it is ready.
func (r *DurableResults) writeMemory(out io.Writer) {
	row(out, "resident memory, MiB", gateway, "sample", "g : sample", "aim")
	aim := 0.0
	if r.Settings.Stored >= storedAim {
		aim = memoryAim
	}
	amount := func(kind, server string, of func(Memory) int64) float64 {
		return float64(of(r.memory[kind][server])) / 1024
	}
	resident := func(m Memory) int64 { return m.Resident }
	for _, line := range []struct {
		name, kind string
		of         func(Memory) int64
		aim        float64
	}{
		{"all objects, after the start", full, resident, 0}, {listed, listed, resident, aim},
		{"peak of both", listed, func(m Memory) int64 { return m.Peak }, 0}, {changed, changed, resident, 0},
	} {
		mine, other := amount(line.kind, durableGateway, line.of), amount(line.kind, sample, line.of)
		row(out, line.name, digits(mine), digits(other), ratio(mine, other), verdict(mine, other, line.aim))
	}
}

// of is a figure of a case in all rounds.
func (r *DurableResults) of(one Writing, server string, figure func(Written) float64) []float64 {
	return each(r.written[one][server], figure)
}

func each[T any](all []T, figure func(T) float64) []float64 {
	var figures []float64
	for _, one := range all {
		figures = append(figures, figure(one))
	}
	return figures
}

// middle is the median, and 0 where nothing was measured.
func middle(all []float64) float64 {
	if len(all) == 0 {
		return 0
	}
	return median(all)
}

func greatest(all []float64) float64 {
	if len(all) == 0 {
		return 0
	}
	return slices.Max(all)
}

func cell(all []float64) string { return digits(middle(all)) }

func spreadOrNone(all []float64) string {
	if len(all) == 0 {
		return "-"
	}
	return spreadOf(all)
}

// times is how many times the other's one is.
func times(one, other float64) string {
	if one <= 0 || other <= 0 {
		return "-"
	}
	return digits(one/other) + "x"
}

// faster is the aim to be so many times as fast, and whether it is met.
func faster(one, other, aim float64) string {
	if aim == 0 || one <= 0 || other <= 0 {
		return ""
	}
	return fmt.Sprintf("%.0fx %s", aim, met(one/other >= aim))
}

// below is the aim to take less than so long, and whether it is met.
func below(milliseconds float64, aim time.Duration) string {
	if aim == 0 || milliseconds <= 0 {
		return ""
	}
	return fmt.Sprintf("%.0f %s", aim.Seconds()*1000, met(milliseconds < aim.Seconds()*1000))
}
