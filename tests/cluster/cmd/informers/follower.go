package main

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/dynamic/dynamicinformer"
	"k8s.io/client-go/metadata"
	"k8s.io/client-go/metadata/metadatainformer"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/cache"
)

// Objects with this label are those that the selecting informer sees.
const (
	sideLabel = "side"
	sideSeen  = "left"
)

// kind is a kind of informer.
type kind struct {
	name string
	make func(*rest.Config, settings) (cache.SharedIndexInformer, error)
	// sees says whether the informer is to have an object.
	sees func(*unstructured.Unstructured) bool
	// of is the part of an object that the informer is to have.
	of func(*unstructured.Unstructured) (any, error)
}

var kinds = []kind{
	{"dynamic", dynamicInformer, everything, whole},
	{"metadata", metadataInformer, everything, metadataOf},
	{"selecting", selectingInformer, selected, whole},
}

// follower is an informer with a network of its own and two handlers: one that
// keeps up and one that does not.
type follower struct {
	kind
	network   *network
	informer  cache.SharedIndexInformer
	observers []*observer
}

func newFollower(config *rest.Config, s settings, kind kind, random *rand.Rand) (*follower, error) {
	f := &follower{kind: kind, network: newNetwork(random)}
	var err error
	if f.informer, err = kind.make(f.network.through(config), s); err != nil {
		return nil, err
	}
	f.observers = []*observer{newObserver("quick", nil), newObserver("slow", rand.New(rand.NewPCG(random.Uint64(), 0)))}
	for _, observer := range f.observers {
		if _, err := f.informer.AddEventHandler(observer); err != nil {
			return nil, err
		}
	}
	return f, nil
}

func dynamicInformer(config *rest.Config, s settings) (cache.SharedIndexInformer, error) {
	return filteredInformer(config, s, metav1.NamespaceAll, nil)
}

func selectingInformer(config *rest.Config, s settings) (cache.SharedIndexInformer, error) {
	return filteredInformer(config, s, s.namespace, func(options *metav1.ListOptions) {
		options.LabelSelector = sideLabel + "=" + sideSeen
	})
}

func filteredInformer(
	config *rest.Config, s settings, namespace string, tweak dynamicinformer.TweakListOptionsFunc,
) (cache.SharedIndexInformer, error) {
	client, err := dynamic.NewForConfig(config)
	if err != nil {
		return nil, err
	}
	factory := dynamicinformer.NewFilteredDynamicSharedInformerFactory(client, 0, namespace, tweak)
	return factory.ForResource(s.resource).Informer(), nil
}

func metadataInformer(config *rest.Config, s settings) (cache.SharedIndexInformer, error) {
	client, err := metadata.NewForConfig(config)
	if err != nil {
		return nil, err
	}
	factory := metadatainformer.NewFilteredSharedInformerFactory(client, 0, s.namespace, nil)
	return factory.ForResource(s.resource).Informer(), nil
}

func (f *follower) start(ctx context.Context) { go f.informer.RunWithContext(ctx) }

// synced waits for the first state. It must have come by a watch that sends it.
func (f *follower) synced(ctx context.Context, patience time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	if !cache.WaitForCacheSync(ctx.Done(), f.informer.HasSynced) {
		return fmt.Errorf("the %s informer has no first state after %s", f.name, patience)
	}
	if f.network.watchLists.Load() == 0 || f.network.lists.Load() > 0 {
		return fmt.Errorf("the %s informer got its first state by a list, not by a watch", f.name)
	}
	return nil
}

// state is what the informer has, by key, as JSON.
func (f *follower) state() (state, error) {
	found := state{}
	for _, object := range f.informer.GetStore().List() {
		part := object
		if partial, ok := object.(*metav1.PartialObjectMetadata); ok {
			part = partial.ObjectMeta
		}
		if err := found.put(object, part); err != nil {
			return nil, err
		}
	}
	return found, nil
}

// wanted is what the informer is to have, if these are the objects.
func (f *follower) wanted(objects []unstructured.Unstructured) (state, error) {
	wanted := state{}
	for index := range objects {
		object := &objects[index]
		if !f.sees(object) {
			continue
		}
		part, err := f.of(object)
		if err != nil {
			return nil, err
		}
		if err := wanted.put(object, part); err != nil {
			return nil, err
		}
	}
	return wanted, nil
}

func everything(*unstructured.Unstructured) bool { return true }

func selected(object *unstructured.Unstructured) bool {
	return object.GetLabels()[sideLabel] == sideSeen
}

func whole(object *unstructured.Unstructured) (any, error) { return object, nil }

func metadataOf(object *unstructured.Unstructured) (any, error) {
	var partial metav1.PartialObjectMetadata
	err := runtime.DefaultUnstructuredConverter.FromUnstructured(object.Object, &partial)
	return partial.ObjectMeta, err
}

// state is objects or parts of them, by key, as JSON.
type state map[string]string

func (s state) put(object, part any) error {
	key, err := cache.MetaNamespaceKeyFunc(object)
	if err != nil {
		return err
	}
	text, err := json.Marshal(part)
	s[key] = string(text)
	return err
}
