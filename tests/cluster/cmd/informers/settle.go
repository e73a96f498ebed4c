package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/client-go/dynamic"
)

const (
	// pause is the time between two looks.
	pause = 50 * time.Millisecond
	// shownMost is how many lines are shown.
	shownMost = 10
)

// settle waits until every informer and every handler has what a fresh list has,
// and says what each went through.
func settle(
	ctx context.Context, objects dynamic.ResourceInterface, followers []*follower, patience time.Duration,
) error {
	began := time.Now()
	list, err := objects.List(ctx, metav1.ListOptions{})
	if err != nil {
		return err
	}
	var failures []error
	for _, follower := range followers {
		different, err := follower.settle(ctx, list.Items, began.Add(patience))
		if err != nil {
			return err
		}
		fmt.Printf("%s\n  in step with %d objects %.1f s after the last change\n",
			follower, len(list.Items), time.Since(began).Seconds())
		if len(different) > 0 {
			failures = append(failures, fmt.Errorf("%s informer:\n%s", follower.name, shown(different)))
		}
		failures = append(failures, follower.faults()...)
	}
	return errors.Join(failures...)
}

// settle waits for one informer; differences are what is left at the deadline.
func (f *follower) settle(
	ctx context.Context, objects []unstructured.Unstructured, deadline time.Time,
) ([]string, error) {
	wanted, err := f.wanted(objects)
	if err != nil {
		return nil, err
	}
	revisions, err := f.revisions(objects)
	if err != nil {
		return nil, err
	}
	for {
		found, err := f.state()
		if err != nil {
			return nil, err
		}
		different := compare(wanted, found)
		for _, observer := range f.observers {
			for _, line := range observer.differences(revisions) {
				different = append(different, observer.name+" handler: "+line)
			}
		}
		if len(different) == 0 || time.Now().After(deadline) {
			return different, nil
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(pause):
		}
	}
}

// revisions are those of the objects that the informer is to have, by key.
func (f *follower) revisions(objects []unstructured.Unstructured) (map[string]uint64, error) {
	revisions := map[string]uint64{}
	for index := range objects {
		object := &objects[index]
		if !f.sees(object) {
			continue
		}
		revision, err := strconv.ParseUint(object.GetResourceVersion(), 10, 64)
		if err != nil {
			return nil, err
		}
		revisions[object.GetNamespace()+"/"+object.GetName()] = revision
	}
	return revisions, nil
}

// faults are what is wrong although the end is right.
func (f *follower) faults() []error {
	var faults []error
	for _, observer := range f.observers {
		if mistakes := observer.mistakes(); len(mistakes) > 0 {
			faults = append(faults, fmt.Errorf("%s informer, %s handler:\n%s", f.name, observer.name, shown(mistakes)))
		}
	}
	n := f.network
	// Each watch of a revision that is long gone has to end in a new first state.
	if least := 1 + n.aged.Load(); n.watchLists.Load() < least {
		faults = append(faults, fmt.Errorf("%s informer: %d watches for a first state, there must be %d",
			f.name, n.watchLists.Load(), least))
	}
	// An informer lists when the connection was cut as it asked; any other list is a
	// watch that was refused.
	if n.lists.Load() > n.cuts.Load() {
		faults = append(faults, fmt.Errorf("%s informer: %d lists, but %d cuts", f.name, n.lists.Load(), n.cuts.Load()))
	}
	return faults
}

func (f *follower) String() string {
	n := f.network
	lines := []string{fmt.Sprintf("%s informer: %d connections, %d cut; %d watches for a first state, %d for changes "+
		"(%d of them too late), %d lists", f.name, n.dials.Load(), n.cuts.Load(), n.watchLists.Load(),
		n.watches.Load(), n.aged.Load(), n.lists.Load())}
	for _, observer := range f.observers {
		lines = append(lines, "  "+observer.String())
	}
	return strings.Join(lines, "\n")
}

// compare says in lines how found differs from wanted.
func compare[V comparable](wanted, found map[string]V) []string {
	var lines []string
	for _, key := range slices.Sorted(maps.Keys(wanted)) {
		switch value, there := found[key]; {
		case !there:
			lines = append(lines, fmt.Sprintf("%s is missing", key))
		case value != wanted[key]:
			lines = append(lines, fmt.Sprintf("%s differs:\n    wanted %v\n    found  %v", key, wanted[key], value))
		}
	}
	for _, key := range slices.Sorted(maps.Keys(found)) {
		if _, there := wanted[key]; !there {
			lines = append(lines, fmt.Sprintf("%s should be gone", key))
		}
	}
	return lines
}

func shown(lines []string) string {
	more := ""
	if len(lines) > shownMost {
		more = fmt.Sprintf("\n  ... and %d more", len(lines)-shownMost)
		lines = lines[:shownMost]
	}
	return "  " + strings.Join(lines, "\n  ") + more
}
