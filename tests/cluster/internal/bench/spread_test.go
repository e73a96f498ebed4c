package bench

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
)

func TestSpreadDoesEverythingOnce(t *testing.T) {
	for _, c := range []struct{ workers, count int }{{1, 5}, {4, 3}, {3, 100}, {2, 0}} {
		seen := make([]atomic.Int32, c.count)
		err := spread(context.Background(), c.workers, c.count, func(_ context.Context, worker, index int) error {
			if worker != index%c.workers {
				t.Errorf("worker %d has %d", worker, index)
			}
			seen[index].Add(1)
			return nil
		})
		if err != nil {
			t.Errorf("%+v: %v", c, err)
		}
		for index := range seen {
			if seen[index].Load() != 1 {
				t.Errorf("%+v: %d was done %d times", c, index, seen[index].Load())
			}
		}
	}
}

func TestSpreadEnds(t *testing.T) {
	failure := errors.New("no")
	err := spread(context.Background(), 2, 1000, func(ctx context.Context, _, index int) error {
		if index == 10 {
			return failure
		}
		return ctx.Err()
	})
	if !errors.Is(err, failure) {
		t.Errorf("failed with %v", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	err = spread(ctx, 2, 10, func(context.Context, int, int) error { return nil })
	if !errors.Is(err, context.Canceled) {
		t.Errorf("interrupted with %v", err)
	}
}
