package bench

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
)

const (
	namespace = "bench"
	version   = "v1alpha1"
	resource  = "flunders"
	// round is the annotation that a change sets; it has always the same length.
	round = "bench.example.com/round"
	fill  = "bench.example.com/fill"
	// selected is one in how many objects the selector matches.
	selected = 100
	// mostObjects keeps names at one length.
	mostObjects = 100_000
	// slack is how far an object's size may be from what was asked for, in
	// bytes: revisions grow longer.
	slack = 16
)

// letters fill objects up to their size.
const letters = "the quick brown fox jumps over the lazy dog; "

// Flunders are the objects of one server.
type Flunders struct {
	group     string
	filling   string
	revisions []string // by index: what an update has to name
	changes   atomic.Uint64
}

func (f *Flunders) path() string {
	return "/apis/" + f.group + "/" + version + "/namespaces/" + namespace + "/" + resource
}

// all is the path of the objects of all namespaces.
func (f *Flunders) all() string { return "/apis/" + f.group + "/" + version + "/" + resource }

func (f *Flunders) one(index int) string { return f.path() + "/" + name("flunder", index) }

func name(prefix string, index int) string { return fmt.Sprintf("%s-%05d", prefix, index) }

// body is an object as a client sends it: a new one, or with a revision an
// update of the one that is there.
func (f *Flunders) body(name string, index int, revision string) []byte {
	metadata := map[string]any{
		"name":        name,
		"namespace":   namespace,
		"labels":      map[string]string{"app": "bench", "part": part(index)},
		"annotations": map[string]string{round: f.next(), fill: f.filling},
	}
	if revision != "" {
		metadata["resourceVersion"] = revision
	}
	body, err := json.Marshal(map[string]any{
		"apiVersion": f.group + "/" + version,
		"kind":       "Flunder",
		"metadata":   metadata,
		"spec":       map[string]string{"reference": "flunder-00000", "referenceType": "Flunder"},
	})
	if err != nil {
		panic(err) // maps of strings can be encoded
	}
	return body
}

// patch is a merge patch that changes an object.
func (f *Flunders) patch() []byte {
	return fmt.Appendf(nil, `{"metadata":{"annotations":{%q:%q}}}`, round, f.next())
}

// next makes every change one: an update that changes nothing is not written.
func (f *Flunders) next() string { return fmt.Sprintf("%010d", f.changes.Add(1)) }

func part(index int) string { return fmt.Sprintf("p%02d", index%selected) }

// textOf is the value of a field of the encoded object that is a plain string,
// without reading the rest; empty if it is not there.
func textOf(encoded []byte, field string) string {
	_, rest, found := bytes.Cut(encoded, []byte(`"`+field+`":"`))
	if !found {
		return ""
	}
	value, _, _ := bytes.Cut(rest, []byte(`"`))
	return string(value)
}

// load creates the objects, all as large as asked for when they are served.
func (s *Server) load(ctx context.Context, settings *Settings) error {
	if err := s.measureFilling(ctx, settings.Size); err != nil {
		return err
	}
	s.revisions = nil
	return s.loadMore(ctx, loaders, settings.Objects)
}

// loadMore creates what objects lack to so many.
func (s *Server) loadMore(ctx context.Context, workers, objects int) error {
	from := len(s.revisions)
	s.revisions = append(s.revisions, make([]string, max(0, objects-from))...)
	return spread(ctx, workers, objects-from, func(ctx context.Context, worker, index int) error {
		var answer bytes.Buffer
		index += from
		created := Request{Method: http.MethodPost, Path: s.path(), Body: s.body(name("flunder", index), index, "")}
		err := s.Do(ctx, worker, created, &answer)
		s.revisions[index] = textOf(answer.Bytes(), "resourceVersion")
		return err
	})
}

// loaders create objects at once: more than workers, since etcd's fsyncs are
// shared.
const loaders = 16

// measureFilling finds out how many letters an object lacks: servers add
// different fields.
func (s *Server) measureFilling(ctx context.Context, size int) error {
	const probe = "flunder-probe"
	var answer bytes.Buffer
	s.filling = ""
	created := Request{Method: http.MethodPost, Path: s.path(), Body: s.body(probe, 0, "")}
	if err := s.Do(ctx, 0, created, &answer); err != nil {
		return err
	}
	missing := size - answer.Len()
	if missing < 1 {
		return fmt.Errorf("%s: an object has %d bytes before it is filled", s.Name, answer.Len())
	}
	s.filling = strings.Repeat(letters, missing/len(letters)+1)[:missing]
	return s.Do(ctx, 0, Request{Method: http.MethodDelete, Path: s.path() + "/" + probe}, nil)
}
