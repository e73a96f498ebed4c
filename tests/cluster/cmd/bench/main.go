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
		err = errors.Join(err, bench.Down(settings))
	}()
	bed, err := bench.Prepare(ctx, settings)
	if err != nil {
		return err
	}
	durable, err := bench.PrepareDurable(ctx, bed, settings)
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
	if results != nil {
		results.Write(os.Stdout)
	}
	if durable == nil {
		return nil
	}
	durably, err := bench.MeasureDurable(ctx, durable)
	if err != nil {
		return err
	}
	if results != nil {
		fmt.Println()
	}
	durably.Write(os.Stdout)
	return nil
}
