// Bench measures what an API server of Tributary costs beside Kubernetes' own:
// see package bench. Tables go to stdout, progress to stderr.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"tributary.dev/tests/cluster/internal/bench"
	"tributary.dev/tests/cluster/internal/cluster"
)

func main() {
	set := flag.NewFlagSet("bench", flag.ExitOnError)
	settings := bench.Define(set)
	_ = set.Parse(os.Args[1:]) // exits
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, settings); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, settings *bench.Settings) (err error) {
	if err := settings.Check(); err != nil {
		return err
	}
	defer func() {
		_, down := cluster.Down(settings.Cluster)
		err = errors.Join(err, down)
	}()
	bed, err := bench.Prepare(ctx, settings)
	if err != nil {
		return err
	}
	results, err := bench.Measure(ctx, bed, settings)
	if err != nil {
		for _, server := range bed.Servers {
			err = errors.Join(err, server.Ended())
		}
		return err
	}
	results.Write(os.Stdout)
	return nil
}
