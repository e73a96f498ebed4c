package main

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/client-go/tools/cache"
)

const (
	// A slow observer rests one event in restOneIn, up to restMost.
	restOneIn = 20
	restMost  = 40 * time.Millisecond
	// wrongMost is how many mistakes are kept: the first ones tell the most.
	wrongMost = 10
)

// observer is a handler that checks what it is told: what is added is new, what
// is updated or deleted is known as it was, and no object goes back in time.
type observer struct {
	name string
	// nil: it never rests.
	rest *rand.Rand

	mu sync.Mutex
	// The revision of each object that is there.
	known map[string]uint64
	// The last revision of each object that ever was there.
	last                    map[string]uint64
	added, updated, deleted int
	wrong                   []string
}

func newObserver(name string, rest *rand.Rand) *observer {
	return &observer{name: name, rest: rest, known: map[string]uint64{}, last: map[string]uint64{}}
}

func (o *observer) OnAdd(object any, _ bool) {
	o.tell(func() {
		o.added++
		key, revision := o.identify(object)
		if known, there := o.known[key]; there {
			o.complain("%s added at %d, is there at %d", key, revision, known)
		}
		o.advance(key, revision)
		o.known[key] = revision
	})
}

func (o *observer) OnUpdate(before, after any) {
	o.tell(func() {
		o.updated++
		key, revision := o.identify(after)
		_, previous := o.identify(before)
		if known, there := o.known[key]; !there || known != previous {
			o.complain("%s updated from %d to %d, was at %d", key, previous, revision, known)
		}
		o.advance(key, revision)
		o.known[key] = revision
	})
}

func (o *observer) OnDelete(object any) {
	o.tell(func() {
		o.deleted++
		// A relist finds that an object is gone, but not its last state.
		if missed, ok := object.(cache.DeletedFinalStateUnknown); ok {
			object = missed.Obj
		}
		key, revision := o.identify(object)
		if _, there := o.known[key]; !there {
			o.complain("%s deleted at %d, was not there", key, revision)
		}
		o.advance(key, revision)
		delete(o.known, key)
	})
}

func (o *observer) tell(check func()) {
	o.mu.Lock()
	defer o.mu.Unlock()
	check()
	if o.rest != nil && o.rest.IntN(restOneIn) == 0 {
		time.Sleep(time.Duration(o.rest.Int64N(int64(restMost))))
	}
}

func (o *observer) advance(key string, revision uint64) {
	if revision < o.last[key] {
		o.complain("%s went back from %d to %d", key, o.last[key], revision)
	}
	o.last[key] = revision
}

func (o *observer) identify(object any) (string, uint64) {
	key, err := cache.MetaNamespaceKeyFunc(object)
	if err != nil {
		o.complain("no key: %v", err)
		return "", 0
	}
	accessor, err := meta.Accessor(object)
	if err != nil {
		o.complain("%s: no metadata: %v", key, err)
		return key, 0
	}
	revision, err := strconv.ParseUint(accessor.GetResourceVersion(), 10, 64)
	if err != nil {
		o.complain("%s: resourceVersion: %v", key, err)
	}
	return key, revision
}

func (o *observer) complain(format string, arguments ...any) {
	if len(o.wrong) < wrongMost {
		o.wrong = append(o.wrong, fmt.Sprintf(format, arguments...))
	}
}

// differences says how what the observer knows differs from these revisions.
func (o *observer) differences(wanted map[string]uint64) []string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return compare(wanted, o.known)
}

// mistakes are what it should not have been told.
func (o *observer) mistakes() []string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.wrong
}

func (o *observer) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return fmt.Sprintf("%s handler: %d added, %d updated, %d deleted", o.name, o.added, o.updated, o.deleted)
}
