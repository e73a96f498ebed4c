package bench

import (
	"context"
	"errors"
	"sync"
)

// spread does the work 0 … count-1 with so many workers at once. An index always
// goes to the same worker, so that a worker has its objects to itself. It ends at
// the first failure.
func spread(ctx context.Context, workers, count int, do func(ctx context.Context, worker, index int) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var group sync.WaitGroup
	for worker := range min(workers, count) {
		group.Go(func() {
			for index := worker; index < count && ctx.Err() == nil; index += workers {
				if err := do(ctx, worker, index); err != nil {
					cancel(err)
				}
			}
		})
	}
	group.Wait()
	if err := context.Cause(ctx); err != nil && !errors.Is(err, context.Canceled) {
		return err
	}
	return ctx.Err()
}
