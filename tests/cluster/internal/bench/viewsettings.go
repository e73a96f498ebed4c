package bench

import (
	"flag"
	"fmt"
	"time"
)

// ViewSettings is what the command line of the benchmark of views says.
type ViewSettings struct {
	Settings
	Example string // the YAML of the AggregatedAPI whose view is measured

	Pods     int
	Rate     float64 // changes of Events in a second
	Duration time.Duration
}

// DefineViews adds the flags and returns the settings that they fill.
func DefineViews(set *flag.FlagSet) *ViewSettings {
	s := &ViewSettings{Settings: Settings{Workers: 4, Connections: 2}}
	set.StringVar(&s.Cluster, "name", "bench-views", "name of the cluster to start")
	set.StringVar(&s.Gateway, "gateway", "target/x86_64-unknown-linux-gnu/release/tributary-gateway", "the gateway's program")
	set.StringVar(&s.Definition, "definition", "crds/aggregatedapis.yaml", "the CRD of AggregatedAPI")
	set.StringVar(&s.Example, "example", "examples/pod-summary.yaml", "the AggregatedAPI with the view")
	set.IntVar(&s.Pods, "pods", 50_000, "Pods; each has two Events")
	set.Float64Var(&s.Rate, "rate", 500, "changes of Events in a second")
	set.DurationVar(&s.Duration, "duration", time.Minute, "how long Events change")
	set.IntVar(&s.Rounds, "rounds", 3, "rounds of lists, of which the median is told")
	set.DurationVar(&s.CPU, "cpu", 2*time.Second, "CPU that a measurement of lists must cost; it is counted in 10 ms")
	set.DurationVar(&s.Longest, "longest", 30*time.Second, "end of a measurement that costs less")
	set.DurationVar(&s.Settle, "settle", 10*time.Second, "rest before memory is read")
	set.BoolFunc("short", "little of everything, in less than two minutes; flags after it count", func(string) error {
		s.Pods, s.Duration, s.Rounds = 2000, 5*time.Second, 1
		s.CPU, s.Longest, s.Settle = 200*time.Millisecond, 2*time.Second, time.Second
		return nil
	})
	return s
}

// Check says what cannot be.
func (s *ViewSettings) Check() error {
	if s.Pods < podNamespaces || s.Pods > 1<<16 {
		return fmt.Errorf("--pods=%d: want from %d to %d", s.Pods, podNamespaces, 1<<16)
	}
	if s.Rate < 1 || s.Duration < time.Second || s.Rounds < 1 {
		return fmt.Errorf("--rate=%v --duration=%v --rounds=%d: want at least 1, 1s and 1", s.Rate, s.Duration, s.Rounds)
	}
	return nil
}

// changes is how many are made.
func (s *ViewSettings) changes() int { return int(s.Rate * s.Duration.Seconds()) }
