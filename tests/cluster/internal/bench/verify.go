package bench

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
)

// verify checks once that the server gives to the cases what they ask for; later
// on only the status of an answer is looked at. It returns the size of an object.
func (r *Run) verify(ctx context.Context, server *Server) (int, error) {
	size, err := r.verifyOne(ctx, server)
	if err != nil {
		return 0, err
	}
	for _, want := range []struct {
		query, accept, list string
		count               int
	}{
		{"", "", "items", r.Objects},
		{"", table, "rows", r.Objects},
		{"?labelSelector=part%3Dp07", "", "items", r.Objects / selected},
	} {
		var answer bytes.Buffer
		request := Request{Method: http.MethodGet, Path: server.all() + want.query, Accept: want.accept}
		if err := server.Do(ctx, 0, request, &answer); err != nil {
			return 0, err
		}
		if count, err := length(answer.Bytes(), want.list); err != nil || count != want.count {
			return 0, fmt.Errorf("GET %s has %d %s instead of %d: %v", request.Path, count, want.list, want.count, err)
		}
	}
	total := 0
	err = server.eachPage(ctx, 0, func(body []byte) error {
		count, err := length(body, "items")
		if count > page {
			return fmt.Errorf("a page has %d items", count)
		}
		total += count
		return err
	})
	if err != nil || total != r.Objects {
		return 0, fmt.Errorf("pages have %d items instead of %d: %v", total, r.Objects, err)
	}
	return size, nil
}

func (r *Run) verifyOne(ctx context.Context, server *Server) (int, error) {
	index := r.Objects / 2
	var answer bytes.Buffer
	if err := server.Do(ctx, 0, Request{Method: http.MethodGet, Path: server.one(index)}, &answer); err != nil {
		return 0, err
	}
	var object struct {
		Kind     string
		Metadata struct{ Name, Namespace, UID, ResourceVersion string }
		Spec     struct{ ReferenceType string }
	}
	if err := json.Unmarshal(answer.Bytes(), &object); err != nil {
		return 0, err
	}
	metadata := object.Metadata
	if object.Kind != "Flunder" || metadata.Name != name("flunder", index) || metadata.Namespace != namespace ||
		metadata.UID == "" || metadata.ResourceVersion == "" || object.Spec.ReferenceType != "Flunder" {
		return 0, fmt.Errorf("GET %s: %+v", server.one(index), object)
	}
	size := answer.Len()
	if size < r.Size-slack || size > r.Size+slack {
		return 0, fmt.Errorf("an object has %d bytes instead of %d", size, r.Size)
	}
	return size, nil
}

// length is how many elements a list of the encoded object has.
func length(encoded []byte, list string) (int, error) {
	var object map[string]json.RawMessage
	if err := json.Unmarshal(encoded, &object); err != nil {
		return 0, err
	}
	var elements []json.RawMessage
	err := json.Unmarshal(object[list], &elements)
	return len(elements), err
}
