package bench

import (
	"context"
	"slices"
	"sync"
	"time"
)

// flood has so many clients work for a time, each with one request under way,
// and returns how long every request took, sorted. A request that has begun is
// waited for. It ends at the first failure.
func flood(
	ctx context.Context, clients int, lasting time.Duration,
	do func(ctx context.Context, client, nth int) error,
) ([]time.Duration, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	end := time.Now().Add(lasting)
	took := make([][]time.Duration, clients)
	var group sync.WaitGroup
	for client := range clients {
		group.Go(func() {
			for nth := 0; ctx.Err() == nil; nth++ {
				began := time.Now()
				if !began.Before(end) {
					return
				}
				if err := do(ctx, client, nth); err != nil {
					cancel(err)
					return
				}
				took[client] = append(took[client], time.Since(began))
			}
		})
	}
	group.Wait()
	if err := context.Cause(ctx); err != nil {
		return nil, err
	}
	all := slices.Concat(took...)
	slices.Sort(all)
	return all, nil
}
