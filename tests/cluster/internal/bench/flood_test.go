package bench

import (
	"context"
	"errors"
	"slices"
	"sync/atomic"
	"testing"
	"time"
)

func TestFloodKeepsEveryClientBusy(t *testing.T) {
	const clients, pause = 4, time.Millisecond
	var underWay, most, done atomic.Int64
	next := make([]int, clients)
	took, err := flood(context.Background(), clients, 100*pause, func(_ context.Context, client, nth int) error {
		if nth != next[client] {
			t.Errorf("client %d does its %d. after its %d.", client, nth, next[client]-1)
		}
		next[client]++
		now := underWay.Add(1)
		for seen := most.Load(); now > seen && !most.CompareAndSwap(seen, now); seen = most.Load() {
		}
		time.Sleep(pause)
		underWay.Add(-1)
		done.Add(1)
		return nil
	})
	if err != nil || int64(len(took)) != done.Load() || !slices.IsSorted(took) {
		t.Fatalf("%d of %d: %v", len(took), done.Load(), err)
	}
	if most.Load() != clients || took[0] < pause {
		t.Errorf("%d at once, the first after %v", most.Load(), took[0])
	}
	if slices.Min(next) == 0 {
		t.Errorf("clients did %v", next)
	}
}

func TestFloodEnds(t *testing.T) {
	failure := errors.New("no")
	_, err := flood(context.Background(), 3, time.Hour, func(_ context.Context, client, nth int) error {
		if client == 1 && nth == 5 {
			return failure
		}
		return nil
	})
	if !errors.Is(err, failure) {
		t.Errorf("failed with %v", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err = flood(ctx, 3, time.Hour, func(context.Context, int, int) error { return nil }); !errors.Is(err, context.Canceled) {
		t.Errorf("interrupted with %v", err)
	}
}
