package bench

import (
	"fmt"
	"io"
	"slices"
	"strings"
)

// memoryAim is how many times the gateway's memory sample-apiserver's must be,
// at all objects.
const memoryAim = 4

// aimStage is the stage of memory that the aim speaks of.
const aimStage = 1

// etcdShown is the least part of the server's own CPU that etcd's is told from:
// below, it is a few ticks of 10 ms, or what etcd does of itself.
const etcdShown = 0.05

// Write prints the tables, at most 100 columns wide.
func (r *Results) Write(out io.Writer) {
	fmt.Fprintf(out, "%d objects of %s bytes; median of %d rounds\n\n", r.Settings.Objects, r.objectSizes(), r.Settings.Rounds)
	r.writeCosts(out)
	fmt.Fprintln(out)
	r.writeRates(out)
	fmt.Fprintln(out)
	r.writeEtcd(out)
	fmt.Fprintln(out)
	r.writeMemory(out)
	fmt.Fprintf(out, "\nThis gateway keeps objects in memory: its writes are not durable, theirs are on disk.\n")
}

func (r *Results) objectSizes() string {
	var sizes []string
	for _, server := range r.Servers {
		sizes = append(sizes, fmt.Sprint(r.sizes[server]))
	}
	return strings.Join(slices.Compact(sizes), ", ")
}

func (r *Results) writeCosts(out io.Writer) {
	row(out, "CPU ms of the server for one", append(r.names(), "g : sample", "g : CRD", "aim")...)
	for _, one := range r.Cases {
		costs := map[string]float64{}
		var cells []string
		for _, server := range []string{gateway, sample, custom} {
			all := r.of(one, server, Figures.each)
			if len(all) == 0 {
				cells = append(cells, "-")
				continue
			}
			costs[server] = median(all)
			cells = append(cells, digits(costs[server]))
		}
		cells = append(cells, ratio(costs[gateway], costs[sample]), ratio(costs[gateway], costs[custom]))
		row(out, one.Name, append(cells, verdict(costs[gateway], costs[sample], one.Aim))...)
	}
}

// writeRates says how fast it went, and how far the rounds are apart.
func (r *Results) writeRates(out io.Writer) {
	row(out, "rate, 1/s; spread of CPU", append(r.names(), "spread: g", "sample", "CRD")...)
	for _, one := range r.Cases {
		var rates, spreads []string
		for _, server := range []string{gateway, sample, custom} {
			all := r.of(one, server, Figures.each)
			if len(all) == 0 {
				rates, spreads = append(rates, "-"), append(spreads, "-")
				continue
			}
			rates = append(rates, digits(median(r.of(one, server, Figures.rate))))
			spreads = append(spreads, spreadOf(all))
		}
		row(out, one.Name, append(rates, spreads...)...)
	}
}

// writeEtcd says what etcd did for those that keep their objects there.
func (r *Results) writeEtcd(out io.Writer) {
	row(out, "CPU ms of etcd for one", r.names()...)
	etcd := func(f Figures) float64 { return f.etcd.Seconds() * 1000 / float64(f.done) }
	for _, one := range r.Cases {
		cells := []string{"-"} // the gateway's objects are in its memory
		for _, server := range []string{sample, custom} {
			all := r.of(one, server, etcd)
			if len(all) == 0 || median(all) < etcdShown*median(r.of(one, server, Figures.each)) {
				cells = append(cells, "-")
			} else {
				cells = append(cells, digits(median(all)))
			}
		}
		row(out, one.Name, cells...)
	}
}

// spreadOf is how far rounds are apart, as a part of their median.
func spreadOf(all []float64) string {
	if len(all) == 1 {
		return "-"
	}
	return fmt.Sprintf("%.0f %%", 100*(slices.Max(all)-slices.Min(all))/median(all))
}

func (r *Results) writeMemory(out io.Writer) {
	row(out, "resident memory, MiB", append(r.names(), "g : sample", "g : CRD", "aim")...)
	write := func(name string, aim float64, value func(memories []Memory) int64) {
		var cells []string
		amounts := map[string]float64{}
		for _, server := range []string{gateway, sample, custom} {
			memories := r.memory[server]
			if len(memories) == 0 {
				cells = append(cells, "-")
				continue
			}
			amounts[server] = float64(value(memories)) / 1024
			cells = append(cells, digits(amounts[server]))
		}
		cells = append(cells, ratio(amounts[gateway], amounts[sample]), ratio(amounts[gateway], amounts[custom]))
		row(out, name, append(cells, verdict(amounts[gateway], amounts[sample], aim))...)
	}
	for stage, name := range stages {
		aim := 0.0
		if stage == aimStage {
			aim = memoryAim
		}
		write(name, aim, func(memories []Memory) int64 { return memories[stage].Resident })
	}
	write("peak", 0, func(memories []Memory) int64 { return memories[len(memories)-1].Peak })
}

func (r *Results) names() []string { return []string{gateway, "sample", custom} }

// of is a figure of a case in all rounds.
func (r *Results) of(one Case, server string, figure func(Figures) float64) []float64 {
	var all []float64
	for _, figures := range r.figures[one.Name][server] {
		all = append(all, figure(figures))
	}
	return all
}

// row is a name and cells to the right.
func row(out io.Writer, name string, cells ...string) {
	line := fmt.Sprintf("%-28s", name)
	for _, cell := range cells {
		line += fmt.Sprintf(" %10s", cell)
	}
	fmt.Fprintln(out, strings.TrimRight(line, " "))
}

// digits writes a figure with three significant digits. A difference of two
// measurements that is not above zero is none.
func digits(value float64) string {
	switch {
	case value <= 0:
		return "-"
	case value >= 99.5:
		return fmt.Sprintf("%.0f", value)
	case value >= 9.95:
		return fmt.Sprintf("%.1f", value)
	case value >= 0.995:
		return fmt.Sprintf("%.2f", value)
	case value >= 0.0995:
		return fmt.Sprintf("%.3f", value)
	default:
		return fmt.Sprintf("%.4f", value)
	}
}

// ratio is the part that one is of the other.
func ratio(one, other float64) string {
	if one <= 0 || other <= 0 {
		return "-"
	}
	return "1/" + digits(other/one)
}

// verdict is an aim and whether it is met.
func verdict(one, other, aim float64) string {
	if aim == 0 || one <= 0 || other <= 0 {
		return ""
	}
	return fmt.Sprintf("1/%.0f %s", aim, met(other/one >= aim))
}
