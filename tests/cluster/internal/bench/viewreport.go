package bench

import (
	"fmt"
	"io"
	"math"
	"os"
	"slices"
	"strings"
	"time"
)

// Aims of a view of 50,000 Pods joined with 100,000 Events.
const (
	syncAim    = 30 * time.Second
	memoryMost = 500 << 10 // KiB
	toldAim    = 50 * time.Millisecond
	listAim    = 0.10 // what a list of a view may cost more than one of stored objects
	rateKept   = 0.98 // of the rate: with less the latencies are of another load
)

// listForms are the forms of a list, and where its objects are.
var listForms = []struct{ name, accept, list string }{{"JSON", "", "items"}, {"Table", table, "rows"}}

// Sync is how the gateway came to its first list.
type Sync struct {
	took               time.Duration
	gateway, apiserver time.Duration // CPU
	load               string
}

// Churned is what the changes cost, and when they were told.
type Churned struct {
	took    time.Duration
	cost    []time.Duration // CPU of the gateway, kube-apiserver, etcd and this program
	changes []*change
	load    string
}

// ViewResults are the figures of one run.
type ViewResults struct {
	Settings  *ViewSettings
	sizes     sizes
	sync      Sync
	synced    Memory // after the first list
	changed   Memory // after the changes
	churned   Churned
	lists     map[string][]float64 // CPU ms, by form and resource, of each round
	listBytes map[string]int
	listLoad  map[string]string
}

func newViewResults(settings *ViewSettings) *ViewResults {
	return &ViewResults{
		Settings: settings, lists: map[string][]float64{}, listBytes: map[string]int{}, listLoad: map[string]string{},
	}
}

// load is the machine's load average of the last minute.
func load() string {
	text, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return "?"
	}
	last, _, _ := strings.Cut(string(text), " ")
	return last
}

// Write prints the tables.
func (r *ViewResults) Write(out io.Writer) {
	fmt.Fprintf(out, "%d Pods of %d bytes, %d Events of %d; %d objects of the view of %d\n\n", r.Settings.Pods, r.sizes.pod,
		r.Settings.Pods*eventsOfPod, r.sizes.event, r.Settings.Pods, r.sizes.summary)
	row(out, "", "figure", "aim", "", "load")
	r.writeSync(out)
	fmt.Fprintln(out)
	r.writeChanges(out)
	fmt.Fprintln(out)
	r.writeLists(out)
}

func (r *ViewResults) writeSync(out io.Writer) {
	row(out, "first list, s", digits(r.sync.took.Seconds()), "30", met(r.sync.took < syncAim), r.sync.load)
	row(out, "  CPU of the gateway, s", digits(r.sync.gateway.Seconds()))
	row(out, "  CPU of kube-apiserver, s", digits(r.sync.apiserver.Seconds()))
	for _, stage := range []struct {
		name   string
		memory Memory
	}{{"after the first list", r.synced}, {"after the changes", r.changed}} {
		row(out, "MiB "+stage.name, mebibytes(stage.memory.Resident), "500", met(stage.memory.Resident < memoryMost))
		row(out, "  peak", mebibytes(stage.memory.Peak), "500", met(stage.memory.Peak < memoryMost))
	}
}

func (r *ViewResults) writeChanges(out io.Writer) {
	all := r.churned.changes
	rate := rateOf(all)
	row(out, "changes of Events, 1/s", digits(rate), digits(r.Settings.Rate), met(rate >= rateKept*r.Settings.Rate), r.churned.load)
	changes := time.Duration(len(all))
	row(out, "CPU ms of g. for a change", digits(milliseconds(r.churned.cost[0])/float64(changes)))
	for index, name := range []string{"the gateway", "kube-apiserver", "etcd", "the driver"} {
		row(out, "  cores of "+name, digits(r.churned.cost[index].Seconds()/r.churned.took.Seconds()))
	}
	row(out, "ms from ... to ...", "p50", "p99", "max", "aim")
	write := func(name string, from, to func(*change) time.Time) time.Duration {
		var waits []time.Duration
		for _, one := range all {
			waits = append(waits, to(one).Sub(from(one)))
		}
		slices.Sort(waits)
		cells := []string{signed(quantile(waits, 0.5)), signed(quantile(waits, 0.99)), signed(quantile(waits, 1))}
		p99 := quantile(waits, 0.99)
		if name == toldRow {
			cells = append(cells, "p99 < 50", met(p99 < toldAim))
		}
		row(out, name, cells...)
		return p99
	}
	due := func(c *change) time.Time { return c.due }
	answered := func(c *change) time.Time { return c.answered }
	source := func(c *change) time.Time { return c.source }
	told := func(c *change) time.Time { return c.told }
	write("due .. answered", due, answered)
	write("answered .. source's watch", answered, source)
	write("source's .. view's watch", source, told)
	write(toldRow, answered, told)
}

const toldRow = "answered .. view's watch"

func (r *ViewResults) writeLists(out io.Writer) {
	row(out, "CPU ms for a LIST of all", "view", "stored", "view more", "aim", "", "load")
	for _, form := range listForms {
		view, stored := median(r.lists[form.name+viewed]), median(r.lists[form.name+copied])
		more := view/stored - 1
		row(out, form.name, digits(view), digits(stored), fmt.Sprintf("%+.0f %%", 100*more), "10 %",
			met(more <= listAim), r.listLoad[form.name])
		row(out, "  bytes", fmt.Sprint(r.listBytes[form.name+viewed]), fmt.Sprint(r.listBytes[form.name+copied]))
		row(out, "  spread of rounds", spreadOf(r.lists[form.name+viewed]), spreadOf(r.lists[form.name+copied]))
	}
}

// rateOf is how many changes were answered in a second.
func rateOf(changes []*change) float64 {
	first := slices.MinFunc(changes, func(one, other *change) int { return one.due.Compare(other.due) })
	last := slices.MaxFunc(changes, func(one, other *change) int { return one.answered.Compare(other.answered) })
	return float64(len(changes)) / last.answered.Sub(first.due).Seconds()
}

// quantile of sorted values: the least that at least this part of them does not
// exceed.
func quantile(sorted []time.Duration, part float64) time.Duration {
	index := int(math.Ceil(part*float64(len(sorted)))) - 1
	return sorted[min(max(index, 0), len(sorted)-1)]
}

func milliseconds(d time.Duration) float64 { return d.Seconds() * 1000 }

// signed are milliseconds that may be below zero: a watch may tell of a change
// before its writer reads the answer.
func signed(d time.Duration) string { return fmt.Sprintf("%.2f", milliseconds(d)) }

func mebibytes(kibibytes int64) string { return digits(float64(kibibytes) / 1024) }

func met(is bool) string {
	if is {
		return "met"
	}
	return "missed"
}
