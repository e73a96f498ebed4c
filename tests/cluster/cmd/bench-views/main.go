// Bench-views measures a view of many Pods and Events: see package bench.
// Tables go to stdout, progress to stderr.
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
	set := flag.NewFlagSet("bench-views", flag.ExitOnError)
	settings := bench.DefineViews(set)
	_ = set.Parse(os.Args[1:]) // exits
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, settings); err != nil {
		fmt.Fprintln(os.Stderr, "bench-views:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, settings *bench.ViewSettings) (err error) {
	if err := settings.Check(); err != nil {
		return err
	}
	defer func() {
		_, down := cluster.Down(settings.Cluster)
		err = errors.Join(err, down)
	}()
	views, err := bench.PrepareViews(ctx, settings)
	if err != nil {
		return err
	}
	results, err := bench.MeasureViews(ctx, views)
	if err != nil {
		return err
	}
	results.Write(os.Stdout)
	return nil
}
