package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"sync/atomic"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/dynamic"
)

const (
	// objectsMost is how many objects there can be: few enough that writers meet.
	objectsMost = 300
	// batches is into how many the objects are divided; one is deleted at once.
	batches = 20
	// One object in finalizedOneIn stays when it is deleted until it is released.
	finalizedOneIn = 8
	batchLabel     = "batch"
	finalizer      = "tests.tributary.dev/hold"
)

// operations are the ways to change something, and how often each is tried.
var operations = []struct {
	name   string
	weight int
	try    func(writer, context.Context) error
}{
	{"create", 240, writer.create},
	{"update", 200, writer.update},
	{"patch", 200, writer.patch},
	{"label", 160, writer.label},
	{"delete", 100, writer.delete},
	{"release", 60, writer.release},
	{"delete collection", 2, writer.deleteCollection},
}

// errNothing says that there was nothing to change.
var errNothing = errors.New("nothing to change")

// changes are made by several writers at once to the same objects.
type changes struct {
	objects  dynamic.ResourceInterface
	settings settings
	made     atomic.Int64
	of       []atomic.Int64 // by operation
}

// writer makes one change after the other.
type writer struct {
	objects dynamic.ResourceInterface
	api     schemaKind
	random  *rand.Rand
}

// schemaKind is apiVersion and kind of the objects.
type schemaKind struct{ version, kind string }

func newChanges(objects dynamic.ResourceInterface, s settings) *changes {
	return &changes{objects: objects, settings: s, of: make([]atomic.Int64, len(operations))}
}

// make makes as many changes as are wanted. What others were faster to do does
// not count.
func (c *changes) make(ctx context.Context) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var writers sync.WaitGroup
	for index := range c.settings.writers {
		w := writer{
			objects: c.objects,
			api:     schemaKind{c.settings.resource.GroupVersion().String(), c.settings.kind},
			random:  random(c.settings.seed, 2000+index),
		}
		writers.Go(func() {
			for c.made.Load() < c.settings.changes && ctx.Err() == nil {
				if err := c.one(ctx, w); err != nil {
					cancel(err)
				}
			}
		})
	}
	writers.Wait()
	return context.Cause(ctx)
}

func (c *changes) one(ctx context.Context, w writer) error {
	index := w.choose()
	err := operations[index].try(w, ctx)
	switch {
	case err == nil:
		c.made.Add(1)
		c.of[index].Add(1)
	case errors.Is(err, errNothing), apierrors.IsNotFound(err), apierrors.IsConflict(err), apierrors.IsAlreadyExists(err):
		// Another writer was faster.
	default:
		return fmt.Errorf("%s: %w", operations[index].name, err)
	}
	return nil
}

func (w writer) choose() int {
	sum := 0
	for _, operation := range operations {
		sum += operation.weight
	}
	rest := w.random.IntN(sum)
	for index, operation := range operations {
		if rest -= operation.weight; rest < 0 {
			return index
		}
	}
	panic("no operation has that weight")
}

func (w writer) name() string { return fmt.Sprintf("task-%03d", w.random.IntN(objectsMost)) }

func (w writer) labels() map[string]any {
	return map[string]any{
		sideLabel:  []string{sideSeen, "right"}[w.random.IntN(2)],
		batchLabel: fmt.Sprint(w.random.IntN(batches)),
	}
}

func (w writer) spec() map[string]any {
	return map[string]any{
		"title": strings.Repeat("x", 1+w.random.IntN(100)),
		"total": 1 + w.random.Int64N(1_000_000),
		"color": []string{"red", "green", "blue"}[w.random.IntN(3)],
	}
}

func (w writer) create(ctx context.Context) error {
	metadata := map[string]any{"name": w.name(), "labels": w.labels()}
	if w.random.IntN(finalizedOneIn) == 0 {
		metadata["finalizers"] = []any{finalizer}
	}
	object := &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": w.api.version, "kind": w.api.kind, "metadata": metadata, "spec": w.spec(),
	}}
	_, err := w.objects.Create(ctx, object, metav1.CreateOptions{})
	return err
}

func (w writer) update(ctx context.Context) error {
	object, err := w.objects.Get(ctx, w.name(), metav1.GetOptions{})
	if err != nil {
		return err
	}
	object.Object["spec"] = w.spec()
	_, err = w.objects.Update(ctx, object, metav1.UpdateOptions{})
	return err
}

func (w writer) patch(ctx context.Context) error {
	return w.merge(ctx, map[string]any{"spec": map[string]any{"total": 1 + w.random.Int64N(1_000_000)}})
}

func (w writer) label(ctx context.Context) error {
	labels := w.labels()
	labels["note"] = fmt.Sprint(w.random.Uint32()) // or it might change nothing
	return w.merge(ctx, map[string]any{"metadata": map[string]any{"labels": labels}})
}

func (w writer) merge(ctx context.Context, change map[string]any) error {
	text, err := json.Marshal(change)
	if err != nil {
		return err
	}
	_, err = w.objects.Patch(ctx, w.name(), types.MergePatchType, text, metav1.PatchOptions{})
	return err
}

func (w writer) delete(ctx context.Context) error {
	object, err := w.objects.Get(ctx, w.name(), metav1.GetOptions{})
	if err != nil {
		return err
	}
	if object.GetDeletionTimestamp() != nil {
		return errNothing
	}
	return w.objects.Delete(ctx, object.GetName(), metav1.DeleteOptions{})
}

// release lets an object go that waits for its finalizer.
func (w writer) release(ctx context.Context) error {
	object, err := w.objects.Get(ctx, w.name(), metav1.GetOptions{})
	if err != nil {
		return err
	}
	if object.GetDeletionTimestamp() == nil {
		return errNothing
	}
	change := fmt.Sprintf(`{"metadata":{"finalizers":null,"uid":%q}}`, object.GetUID())
	_, err = w.objects.Patch(ctx, object.GetName(), types.MergePatchType, []byte(change), metav1.PatchOptions{})
	return err
}

func (w writer) deleteCollection(ctx context.Context) error {
	selector := fmt.Sprintf("%s=%d", batchLabel, w.random.IntN(batches))
	return w.objects.DeleteCollection(ctx, metav1.DeleteOptions{}, metav1.ListOptions{LabelSelector: selector})
}

func (c *changes) String() string {
	parts := []string{}
	for index, operation := range operations {
		parts = append(parts, fmt.Sprintf("%d %s", c.of[index].Load(), operation.name))
	}
	return fmt.Sprintf("%d changes (%s)", c.made.Load(), strings.Join(parts, ", "))
}
