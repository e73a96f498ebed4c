// Package bench measures what an API server costs: a gateway of Tributary,
// sample-apiserver and a CustomResourceDefinition serve the same objects in one
// run, and each is asked straight at its own port.
package bench

import (
	"flag"
	"fmt"
	"strings"
	"time"
)

// Settings is what the command line says.
type Settings struct {
	Cluster    string // name of the cluster that is started for it
	Gateway    string // the gateway's program
	Definition string // the YAML of the CRD aggregatedapis.tributary.dev

	Objects     int // of each server
	Size        int // bytes of an object as served
	Rounds      int // of which the median is told
	Workers     int // requests under way at once
	Connections int // that they share

	Watchers int // of a watch case
	Sharing  int // watches that share a connection
	Changes  int // that they are told of

	CPU     time.Duration // what a measurement must cost its server: ticks are of 10 ms
	Longest time.Duration // a measurement ends after that, whatever it cost
	Settle  time.Duration // between the load and the reading of memory

	Disk    string        // folder of what has to be durable: etcd's data and the gateway's file; empty: the cluster's
	Lasting time.Duration // of a measurement of durable writes
	Stored  int           // objects of each server when starts and their memory are measured
	Starts  int           // of each kind, of which the median is told

	Only    string // cases whose name has this
	Servers string // servers whose name has this
}

// Define adds the flags and returns the settings that they fill.
func Define(set *flag.FlagSet) *Settings {
	s := &Settings{}
	set.StringVar(&s.Cluster, "name", "bench", "name of the cluster to start")
	set.StringVar(&s.Gateway, "gateway", "target/x86_64-unknown-linux-gnu/release/tributary-gateway", "the gateway's program")
	set.StringVar(&s.Definition, "definition", "crds/aggregatedapis.yaml", "the CRD of AggregatedAPI")
	set.IntVar(&s.Objects, "objects", 10_000, "objects of each server")
	set.IntVar(&s.Size, "size", 1100, "bytes of an object as served")
	set.IntVar(&s.Rounds, "rounds", 3, "rounds, of which the median is told")
	set.IntVar(&s.Workers, "workers", 4, "requests under way at once")
	set.IntVar(&s.Connections, "connections", 2, "connections that they share")
	set.IntVar(&s.Watchers, "watchers", 100, "watches at once")
	set.IntVar(&s.Sharing, "sharing", 100, "watches that share a connection, as they share kube-apiserver's")
	set.IntVar(&s.Changes, "changes", 1000, "changes that the watches are told of")
	set.DurationVar(&s.CPU, "cpu", time.Second, "CPU that a measurement must cost the server; it is counted in 10 ms")
	set.DurationVar(&s.Longest, "longest", 30*time.Second, "end of a measurement that costs less")
	set.DurationVar(&s.Settle, "settle", 10*time.Second, "rest between the load and the reading of memory")
	set.StringVar(&s.Disk, "disk", "", "folder of etcd's data and of the gateway's file; empty: that of the cluster")
	set.DurationVar(&s.Lasting, "lasting", 3*time.Second, "how long a measurement of durable writes takes")
	set.IntVar(&s.Stored, "stored", storedAim, "objects of each server when starts and their memory are measured")
	set.IntVar(&s.Starts, "starts", 5, "starts of each kind, of which the median is told")
	set.StringVar(&s.Only, "only", "", "only the cases whose name has this")
	set.StringVar(&s.Servers, "servers", "", "only the servers whose name has this")
	set.BoolFunc("short", "little of everything, in about two minutes; flags after it count", func(string) error {
		s.shorten()
		return nil
	})
	return s
}

// shorten is for a look whether it all works: its figures are rough.
func (s *Settings) shorten() {
	s.Objects, s.Rounds, s.Changes = 2000, 1, 100
	s.CPU, s.Longest, s.Settle = 100*time.Millisecond, time.Second, time.Second
	s.Lasting, s.Stored, s.Starts = 500*time.Millisecond, 5000, 2
}

// Check says what cannot be.
func (s *Settings) Check() error {
	for name, value := range map[string]int{
		"rounds": s.Rounds, "workers": s.Workers, "connections": s.Connections,
		"watchers": s.Watchers, "sharing": s.Sharing, "changes": s.Changes,
		"starts": s.Starts,
	} {
		if value < 1 {
			return fmt.Errorf("--%s=%d: want at least 1", name, value)
		}
	}
	if s.Objects < small || s.Objects > mostObjects || s.Objects%selected != 0 {
		return fmt.Errorf("--objects=%d: want hundreds, from %d to %d", s.Objects, small, mostObjects)
	}
	if s.Stored < s.Objects || s.Stored > mostObjects {
		return fmt.Errorf("--stored=%d: want from --objects=%d to %d", s.Stored, s.Objects, mostObjects)
	}
	if s.Lasting <= 0 {
		return fmt.Errorf("--lasting=%v: want more than 0", s.Lasting)
	}
	// An object belongs to one worker: no two write it at once.
	if s.Changes > s.Objects {
		return fmt.Errorf("--changes=%d: want at most one of each object", s.Changes)
	}
	return nil
}

// chosen says whether a case or a server is among those asked for.
func chosen(filter, name string) bool {
	return strings.Contains(strings.ToLower(name), strings.ToLower(filter))
}
