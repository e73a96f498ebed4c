package bench

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
)

const table = "application/json;as=Table;v=v1;g=meta.k8s.io"

// page is the limit that clients page with.
const page = 500

// Case is something that servers are asked to do.
type Case struct {
	Name    string
	Aim     float64 // sample-apiserver's CPU must be that many times the gateway's; 0: no aim
	measure func(ctx context.Context, run *Run, server *Server) (Figures, error)
}

// Cases are all there are, in the order of the table.
func Cases() []Case {
	return []Case{
		{"GET one", 8, repeated(gets)},
		{"LIST all", 12, repeated(lists("", ""))},
		{"LIST limit=500, all pages", 0, repeated(pages)},
		{"LIST as Table", 0, repeated(lists("", table))},
		{"LIST by label, 1 %", 0, repeated(lists("?labelSelector=part%3Dp07", ""))},
		{"create", 0, creates},
		{"delete", 0, deletes},
		{"update", 0, repeated(updates)},
		{"merge patch", 0, repeated(patches)},
		{"watch event, one by one", 5, events(1)},
		{"watch event, in a burst", 5, events(0)},
	}
}

// batch does some of the work of a case and says how much.
type batch func(ctx context.Context, run *Run, server *Server) (int, error)

// small is how many requests go by between two looks at the clock.
const small = 200

func gets(ctx context.Context, run *Run, server *Server) (int, error) {
	return small, spread(ctx, run.Workers, small, func(ctx context.Context, worker, _ int) error {
		path := server.one(rand.IntN(run.Objects))
		return server.Do(ctx, worker, Request{Method: http.MethodGet, Path: path}, nil)
	})
}

// lists is a LIST of all namespaces with a query, in the form of an Accept header.
func lists(query, accept string) batch {
	return func(ctx context.Context, run *Run, server *Server) (int, error) {
		count := run.Workers
		return count, spread(ctx, run.Workers, count, func(ctx context.Context, worker, _ int) error {
			request := Request{Method: http.MethodGet, Path: server.all() + query, Accept: accept}
			return server.Do(ctx, worker, request, nil)
		})
	}
}

// pages lists everything page by page; one of these lists counts as one.
func pages(ctx context.Context, run *Run, server *Server) (int, error) {
	count := run.Workers
	return count, spread(ctx, run.Workers, count, func(ctx context.Context, worker, _ int) error {
		return server.eachPage(ctx, worker, func([]byte) error { return nil })
	})
}

func (s *Server) eachPage(ctx context.Context, worker int, use func(body []byte) error) error {
	query := fmt.Sprintf("?limit=%d", page)
	var answer bytes.Buffer
	for token := ""; ; {
		request := Request{Method: http.MethodGet, Path: s.all() + query + token}
		if err := s.Do(ctx, worker, request, &answer); err != nil {
			return err
		}
		if err := use(answer.Bytes()); err != nil {
			return err
		}
		token = textOf(answer.Bytes(), "continue")
		if token == "" {
			return nil
		}
		token = "&continue=" + token
	}
}
