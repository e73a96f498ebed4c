package bench

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"reflect"
	"slices"
)

// Summary is an object of the view, as the template of examples/pod-summary.yaml
// makes it.
type Summary struct {
	Metadata struct {
		Name, Namespace, CreationTimestamp string
		Labels                             map[string]string
	}
	Spec struct {
		Phase, NodeName string
		Containers      []string
	}
	Events []string
}

func (s *Summary) key() string { return s.Metadata.Namespace + "/" + s.Metadata.Name }

// sizes are the mean bytes of objects in a list.
type sizes struct{ pod, event, summary int }

// eachOf lists a resource page by page and uses every object.
func eachOf(ctx context.Context, client *Client, path string, use func(object json.RawMessage) error) error {
	for token := ""; ; {
		var answer bytes.Buffer
		request := Request{Method: http.MethodGet, Path: fmt.Sprintf("%s?limit=%d%s", path, page, token)}
		if err := client.Do(ctx, 0, request, &answer); err != nil {
			return err
		}
		var list struct {
			Metadata struct{ Continue string }
			Items    []json.RawMessage
		}
		if err := json.Unmarshal(answer.Bytes(), &list); err != nil {
			return fmt.Errorf("GET %s: %w", request.Path, err)
		}
		for _, object := range list.Items {
			if err := use(object); err != nil {
				return err
			}
		}
		if list.Metadata.Continue == "" {
			return nil
		}
		token = "&continue=" + list.Metadata.Continue
	}
}

// computed is what the view must have, by namespace and name: made of the Pods
// and Events that kube-apiserver lists now.
func computed(ctx context.Context, client *Client) (map[string]*Summary, sizes, error) {
	type event struct{ name, reason string }
	joined := map[string][]event{}
	summaries := map[string]*Summary{}
	var bytes sizes
	events := 0
	err := eachOf(ctx, client, "/api/v1/events", func(object json.RawMessage) error {
		var read struct {
			Metadata       struct{ Name, Namespace string }
			InvolvedObject struct{ UID string }
			Reason         string
		}
		if err := json.Unmarshal(object, &read); err != nil {
			return err
		}
		// Only those of the Pod's own namespace join.
		key := read.Metadata.Namespace + "/" + read.InvolvedObject.UID
		joined[key] = append(joined[key], event{read.Metadata.Name, read.Reason})
		bytes.event += len(object)
		events++
		return nil
	})
	if err != nil {
		return nil, sizes{}, err
	}
	err = eachOf(ctx, client, "/api/v1/pods", func(object json.RawMessage) error {
		var pod struct {
			Metadata struct {
				Name, Namespace, CreationTimestamp, UID string
				Labels                                  map[string]string
			}
			Spec struct {
				NodeName   string
				Containers []struct{ Name string }
			}
			Status struct{ Phase string }
		}
		if err := json.Unmarshal(object, &pod); err != nil {
			return err
		}
		summary := &Summary{}
		metadata := pod.Metadata
		summary.Metadata.Name, summary.Metadata.Namespace = metadata.Name, metadata.Namespace
		summary.Metadata.CreationTimestamp, summary.Metadata.Labels = metadata.CreationTimestamp, metadata.Labels
		summary.Spec.Phase, summary.Spec.NodeName = pod.Status.Phase, pod.Spec.NodeName
		for _, container := range pod.Spec.Containers {
			summary.Spec.Containers = append(summary.Spec.Containers, container.Name)
		}
		of := joined[metadata.Namespace+"/"+metadata.UID]
		slices.SortFunc(of, func(one, other event) int { return cmp.Compare(one.name, other.name) })
		for _, event := range of {
			summary.Events = append(summary.Events, event.reason)
		}
		summaries[summary.key()] = summary
		bytes.pod += len(object)
		return nil
	})
	if err != nil {
		return nil, sizes{}, err
	}
	bytes.pod /= max(1, len(summaries))
	bytes.event /= max(1, events)
	return summaries, bytes, nil
}

// compare fails where the view is not what it must be.
func (v *Views) compare(ctx context.Context) (sizes, error) {
	want, bytes, err := computed(ctx, v.bed.admin)
	if err != nil {
		return sizes{}, err
	}
	if len(want) != v.Pods {
		return sizes{}, fmt.Errorf("kube-apiserver lists %d Pods instead of %d", len(want), v.Pods)
	}
	err = eachOf(ctx, v.gateway.Client, v.path(viewed), func(object json.RawMessage) error {
		var has Summary
		if err := json.Unmarshal(object, &has); err != nil {
			return err
		}
		if len(has.Events) == 0 {
			has.Events = nil
		}
		if !reflect.DeepEqual(&has, want[has.key()]) {
			return fmt.Errorf("the view has %+v instead of %+v", has, want[has.key()])
		}
		delete(want, has.key())
		bytes.summary += len(object)
		return nil
	})
	if err != nil {
		return sizes{}, err
	}
	for key := range maps.Keys(want) {
		return sizes{}, fmt.Errorf("the view lacks %d Pods, one of them %s", len(want), key)
	}
	bytes.summary /= v.Pods
	return bytes, nil
}
