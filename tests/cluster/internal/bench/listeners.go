package bench

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"
)

// listener reads one watch, over a connection of its own.
type listener struct {
	client *Client
	cancel context.CancelFunc
	ended  sync.WaitGroup
}

// listen opens a watch of a path from now on. Each event goes to hear with the
// moment at which its last byte was read; what fails goes to fail.
func listen(ctx context.Context, client *Client, path string, hear func(time.Time, json.RawMessage) error, fail func(error)) (*listener, error) {
	var answer bytes.Buffer
	if err := client.Do(ctx, 0, Request{Method: http.MethodGet, Path: path + "?limit=1"}, &answer); err != nil {
		return nil, err
	}
	revision, err := revisionOf(answer.Bytes())
	if err != nil {
		return nil, err
	}
	watching, cancel := context.WithCancel(ctx)
	request := Request{Method: http.MethodGet, Path: path + "?watch=true&resourceVersion=" + revision}
	response, err := client.open(watching, 0, request)
	if err != nil {
		cancel()
		return nil, err
	}
	l := &listener{client: client, cancel: cancel}
	l.ended.Go(func() {
		defer response.Body.Close()
		if err := follow(response.Body, hear); watching.Err() == nil {
			fail(fmt.Errorf("the watch of %s ended: %w", path, err))
		}
	})
	return l, nil
}

// revisionOf is the resourceVersion of a list.
func revisionOf(encoded []byte) (string, error) {
	var list struct {
		Metadata struct{ ResourceVersion string }
	}
	err := json.Unmarshal(encoded, &list)
	return list.Metadata.ResourceVersion, err
}

func follow(body io.Reader, hear func(time.Time, json.RawMessage) error) error {
	reader := bufio.NewReaderSize(body, 64<<10)
	for {
		line, err := reader.ReadBytes('\n')
		now := time.Now()
		if err != nil {
			return err
		}
		var event struct {
			Type   string
			Object json.RawMessage
		}
		if err := json.Unmarshal(line, &event); err != nil {
			return err
		}
		switch event.Type {
		case "ADDED", "MODIFIED", "DELETED":
			if err := hear(now, event.Object); err != nil {
				return err
			}
		default:
			return fmt.Errorf("told %q", line[:min(len(line), errorShown)])
		}
	}
}

// leave ends the watch.
func (l *listener) leave() {
	l.cancel()
	l.ended.Wait()
	l.client.Close()
}
