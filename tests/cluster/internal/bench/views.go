package bench

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"sigs.k8s.io/yaml"

	"tributary.dev/tests/cluster/internal/cache"
	"tributary.dev/tests/cluster/internal/cluster"
)

// The two resources of the gateway: the view, and a stored one for the same
// objects, whose kind is as long.
const (
	viewed     = "podsummaries"
	copied     = "storeditems"
	copiedKind = "StoredItem"
)

// syncDeadline bounds the wait for the view's first list.
const syncDeadline = 5 * time.Minute

// Views is one run of the benchmark of views.
type Views struct {
	*ViewSettings
	bed        *Bed
	group      string
	definition []byte
	gateway    *Server
	pids       []int // of the gateway, kube-apiserver, etcd and this program
}

// PrepareViews starts a cluster with Pods and Events. With the cluster goes all
// that is started in it: take it down whether this succeeds or not.
func PrepareViews(ctx context.Context, settings *ViewSettings) (*Views, error) {
	views := &Views{ViewSettings: settings}
	if err := views.readExample(); err != nil {
		return nil, err
	}
	built, err := cache.Open()
	if err != nil {
		return nil, err
	}
	if err := built.Build(built.Kubernetes); err != nil {
		return nil, err
	}
	// Nothing of etcd's time to write is measured.
	options := cluster.Options{Mode: cluster.ControlPlane}
	if views.bed, err = raise(ctx, settings.Cluster, options, built); err != nil {
		return nil, err
	}
	if err := views.bed.declare(ctx, settings.Definition, views.definition); err != nil {
		return nil, err
	}
	began := time.Now()
	if err := views.bed.seed(ctx, settings.Pods); err != nil {
		return nil, err
	}
	tell("kube-apiserver serves %d Pods and %d Events after %.1f s", settings.Pods, settings.Pods*eventsOfPod, time.Since(began).Seconds())
	return views, nil
}

// readExample reads the AggregatedAPI and adds a stored resource to it that is
// shown as the view is.
func (v *Views) readExample() error {
	text, err := os.ReadFile(v.Example)
	if err != nil {
		return err
	}
	var object map[string]any
	if err := yaml.Unmarshal(text, &object); err != nil {
		return fmt.Errorf("%s: %w", v.Example, err)
	}
	spec, _ := object["spec"].(map[string]any)
	v.group, _ = spec["group"].(string)
	resources, _ := spec["resources"].([]any)
	if len(resources) != 1 {
		return fmt.Errorf("%s: has %d resources instead of one", v.Example, len(resources))
	}
	columns := resources[0].(map[string]any)["versions"].([]any)[0].(map[string]any)["additionalPrinterColumns"]
	spec["resources"] = append(resources, map[string]any{
		"name": copied, "kind": copiedKind, "scope": "Namespaced", "source": map[string]any{"stored": map[string]any{}},
		"versions": []any{map[string]any{
			"name": "v1", "additionalPrinterColumns": columns,
			"schema": map[string]any{"openAPIV3Schema": map[string]any{"type": "object", "x-kubernetes-preserve-unknown-fields": true}},
		}},
	})
	spec["gateway"] = map[string]any{"storage": map[string]any{"memory": map[string]any{}}}
	v.definition, err = json.Marshal(object)
	return err
}

// path is that of all objects of a resource, or with none that of the version.
func (v *Views) path(resource string) string {
	return strings.TrimSuffix("/apis/"+v.group+"/v1/"+resource, "/")
}

// Ended is an error while the gateway should run and does not.
func (v *Views) Ended() error {
	if v.gateway == nil {
		return nil
	}
	return v.gateway.Ended()
}

// start runs the gateway and returns how long it took until it had listed the
// whole view.
func (v *Views) start(ctx context.Context) (Sync, error) {
	var others []int
	for _, component := range []string{"kube-apiserver", "etcd"} {
		pid, err := v.bed.pid(component)
		if err != nil {
			return Sync{}, err
		}
		others = append(others, pid)
	}
	before, err := cpu(others[0])
	if err != nil {
		return Sync{}, err
	}
	began := time.Now()
	if v.gateway, err = v.bed.runGateway(v.Gateway, v.group); err != nil {
		return Sync{}, err
	}
	v.pids = append(append([]int{v.gateway.PID}, others...), os.Getpid())
	if err := v.gateway.connect(v.bed.PKI, v.Connections); err != nil {
		return Sync{}, err
	}
	asks := func(path string) func() error {
		return func() error {
			if err := v.gateway.Ended(); err != nil {
				return err
			}
			return v.gateway.Do(ctx, 0, Request{Method: http.MethodGet, Path: path}, nil)
		}
	}
	// A definition that the gateway refuses is found out before the long wait.
	if err := until(ctx, "the definition is in force", asks(v.path(""))); err != nil {
		return Sync{}, err
	}
	if err := within(ctx, syncDeadline, "the view is served", asks(v.path(viewed)+"?limit=1")); err != nil {
		return Sync{}, err
	}
	var answer bytes.Buffer
	if err := v.gateway.Do(ctx, 0, Request{Method: http.MethodGet, Path: v.path(viewed)}, &answer); err != nil {
		return Sync{}, err
	}
	sync := Sync{took: time.Since(began), load: load()}
	used, err := usages(v.pids[:2])
	if err != nil {
		return Sync{}, err
	}
	sync.gateway, sync.apiserver = used[0], used[1]-before
	if count, err := length(answer.Bytes(), "items"); err != nil || count != v.Pods {
		return Sync{}, fmt.Errorf("the first list has %d objects instead of %d: %v", count, v.Pods, err)
	}
	return sync, nil
}

// watched makes changes with one watch of the view open, and one of its source.
func (v *Views) watched(ctx context.Context) (Churned, error) {
	churn, err := newChurn(v.Pods)
	if err != nil {
		return Churned{}, err
	}
	var clients []*Client
	for _, to := range []struct {
		address     string
		identity    Identity
		connections int
	}{
		{v.gateway.address, frontProxy, 1},
		{v.bed.apiserver(), administrator, 1},
		{v.bed.apiserver(), administrator, writerConnections},
	} {
		client, err := NewClient(v.bed.PKI, to.address, to.identity, to.connections)
		if err != nil {
			return Churned{}, err
		}
		clients = append(clients, client)
	}
	view, err := listen(ctx, clients[0], v.path(viewed), func(now time.Time, object json.RawMessage) error {
		var summary Summary
		if err := json.Unmarshal(object, &summary); err != nil {
			return err
		}
		return churn.hear(now, &summary)
	}, churn.fail)
	if err != nil {
		return Churned{}, err
	}
	defer view.leave()
	source, err := listen(ctx, clients[1], "/api/v1/events", func(now time.Time, object json.RawMessage) error {
		return churn.hearSource(now, textOf(object, "name"))
	}, churn.fail)
	if err != nil {
		return Churned{}, err
	}
	defer source.leave()
	before, err := usages(v.pids)
	if err != nil {
		return Churned{}, err
	}
	began := time.Now()
	if err := churn.run(ctx, clients[2], v.changes(), v.Rate); err != nil {
		return Churned{}, err
	}
	result := Churned{took: time.Since(began), load: load(), changes: churn.done}
	after, err := usages(v.pids)
	if err != nil {
		return Churned{}, err
	}
	for index := range v.pids {
		result.cost = append(result.cost, after[index]-before[index])
	}
	return result, nil
}

// copy creates a stored object like each of the view's, in the order in which
// those were made: what lies together in memory is read faster.
func (v *Views) copy(ctx context.Context) error {
	type made struct {
		revision int
		body     map[string]json.RawMessage
	}
	var objects []made
	err := eachOf(ctx, v.gateway.Client, v.path(viewed), func(encoded json.RawMessage) error {
		var object map[string]json.RawMessage
		if err := json.Unmarshal(encoded, &object); err != nil {
			return err
		}
		revision, err := strconv.Atoi(textOf(object["metadata"], "resourceVersion"))
		objects = append(objects, made{revision, object})
		return err
	})
	if err != nil {
		return err
	}
	slices.SortFunc(objects, func(a, b made) int { return a.revision - b.revision })
	return spread(ctx, loaders, len(objects), func(ctx context.Context, worker, index int) error {
		body := objects[index].body
		var metadata struct {
			Name      string            `json:"name"`
			Namespace string            `json:"namespace"`
			Labels    map[string]string `json:"labels"`
		}
		if err := json.Unmarshal(body["metadata"], &metadata); err != nil {
			return err
		}
		kept, err := json.Marshal(metadata)
		if err != nil {
			return err
		}
		body["metadata"], body["kind"] = kept, json.RawMessage(`"`+copiedKind+`"`)
		encoded, err := json.Marshal(body)
		if err != nil {
			return err
		}
		path := strings.Replace(v.path(copied), "/v1/", "/v1/namespaces/"+metadata.Namespace+"/", 1)
		return v.gateway.Do(ctx, worker, Request{Method: http.MethodPost, Path: path, Body: encoded}, nil)
	})
}

// lists measures lists of everything, of the view and of what is stored by turns.
func (v *Views) lists(ctx context.Context, results *ViewResults) error {
	for _, form := range listForms {
		for _, resource := range []string{viewed, copied} {
			var answer bytes.Buffer
			request := Request{Method: http.MethodGet, Path: v.path(resource), Accept: form.accept}
			if err := v.gateway.Do(ctx, 0, request, &answer); err != nil {
				return err
			}
			if count, err := length(answer.Bytes(), form.list); err != nil || count != v.Pods {
				return fmt.Errorf("the list of %s has %d objects instead of %d: %v", resource, count, v.Pods, err)
			}
			results.listBytes[form.name+resource] = answer.Len()
		}
		for range v.Rounds {
			for _, resource := range []string{viewed, copied} {
				figures, err := v.list(ctx, form.accept, resource)
				if err != nil {
					return err
				}
				tell("%-5s %-13s %8.1f ms of CPU (%d in %.1f s)", form.name, resource, figures.each(), figures.done, figures.took.Seconds())
				key := form.name + resource
				results.lists[key] = append(results.lists[key], figures.each())
			}
		}
		results.listLoad[form.name] = load()
	}
	return nil
}

func (v *Views) list(ctx context.Context, accept, resource string) (Figures, error) {
	run := &Run{Settings: &v.Settings, etcd: v.pids[2]}
	return run.until(ctx, v.gateway, func() (int, error) {
		return v.Workers, spread(ctx, v.Workers, v.Workers, func(ctx context.Context, worker, _ int) error {
			return v.gateway.Do(ctx, worker, Request{Method: http.MethodGet, Path: v.path(resource), Accept: accept}, nil)
		})
	})
}

// rest lets the gateway come to rest and reads its memory.
func (v *Views) rest(ctx context.Context) (Memory, error) {
	select {
	case <-ctx.Done():
		return Memory{}, ctx.Err()
	case <-time.After(v.Settle):
	}
	return memory(v.gateway.PID)
}

// MeasureViews runs everything.
func MeasureViews(ctx context.Context, views *Views) (*ViewResults, error) {
	results := newViewResults(views.ViewSettings)
	steps := []struct {
		name string
		do   func() error
	}{
		{"sync", func() (err error) { results.sync, err = views.start(ctx); return err }},
		{"memory after sync", func() (err error) { results.synced, err = views.rest(ctx); return err }},
		{"compare with the sources", func() (err error) { results.sizes, err = views.compare(ctx); return err }},
		{"changes", func() (err error) { results.churned, err = views.watched(ctx); return err }},
		{"memory after changes", func() (err error) { results.changed, err = views.rest(ctx); return err }},
		{"compare after changes", func() error { _, err := views.compare(ctx); return err }},
		{"copy", func() error { return views.copy(ctx) }},
		{"lists", func() error { return views.lists(ctx, results) }},
	}
	for _, step := range steps {
		began := time.Now()
		if err := step.do(); err != nil {
			return nil, errors.Join(fmt.Errorf("%s: %w", step.name, err), views.Ended())
		}
		tell("%s: %.1f s, load %s", step.name, time.Since(began).Seconds(), load())
	}
	return results, nil
}
