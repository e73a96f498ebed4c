package bench

import (
	"bytes"
	"context"
	"net/http"
)

const merge = "application/merge-patch+json"

// updates replaces objects as a whole.
func updates(ctx context.Context, run *Run, server *Server) (int, error) {
	return small, spread(ctx, run.Workers, small, func(ctx context.Context, worker, index int) error {
		return server.update(ctx, worker, index%run.Objects)
	})
}

// update replaces one object; nobody else may write it meanwhile.
func (s *Server) update(ctx context.Context, worker, index int) error {
	var answer bytes.Buffer
	body := s.body(name("flunder", index), index, s.revisions[index])
	err := s.Do(ctx, worker, Request{Method: http.MethodPut, Path: s.one(index), Body: body}, &answer)
	s.revisions[index] = textOf(answer.Bytes(), "resourceVersion")
	return err
}

// patches changes objects in one annotation.
func patches(ctx context.Context, run *Run, server *Server) (int, error) {
	return small, spread(ctx, run.Workers, small, func(ctx context.Context, worker, index int) error {
		return server.patchOne(ctx, worker, index%run.Objects)
	})
}

// patchOne changes one object in one annotation; nobody else may write it meanwhile.
func (s *Server) patchOne(ctx context.Context, worker, index int) error {
	var answer bytes.Buffer
	patch := Request{Method: http.MethodPatch, Path: s.one(index), Type: merge, Body: s.Flunders.patch()}
	err := s.Do(ctx, worker, patch, &answer)
	s.revisions[index] = textOf(answer.Bytes(), "resourceVersion")
	return err
}

// creates makes new objects, and deletes them once they are counted.
func creates(ctx context.Context, run *Run, server *Server) (Figures, error) {
	made := 0
	figures, err := run.until(ctx, server, func() (int, error) {
		made += small
		return small, server.create(ctx, run.Workers, made-small, small)
	})
	if err != nil {
		return Figures{}, err
	}
	return figures, server.delete(ctx, run.Workers, 0, made)
}

// deletes ends objects that were made for it.
func deletes(ctx context.Context, run *Run, server *Server) (Figures, error) {
	var total Figures
	for total.cost < run.CPU && total.took < run.Longest {
		if err := server.create(ctx, run.Workers, 0, small); err != nil {
			return Figures{}, err
		}
		figures, err := run.once(server, func() (int, error) {
			return small, server.delete(ctx, run.Workers, 0, small)
		})
		if err != nil {
			return Figures{}, err
		}
		total.add(figures)
	}
	return total, nil
}

func (s *Server) create(ctx context.Context, workers, from, count int) error {
	return spread(ctx, workers, count, func(ctx context.Context, worker, index int) error {
		return s.createOne(ctx, worker, from+index)
	})
}

func (s *Server) createOne(ctx context.Context, worker, index int) error {
	body := s.body(name("new", index), index, "")
	return s.Do(ctx, worker, Request{Method: http.MethodPost, Path: s.path(), Body: body}, nil)
}

func (s *Server) delete(ctx context.Context, workers, from, count int) error {
	return spread(ctx, workers, count, func(ctx context.Context, worker, index int) error {
		path := s.path() + "/" + name("new", from+index)
		return s.Do(ctx, worker, Request{Method: http.MethodDelete, Path: path}, nil)
	})
}
