// Informers holds client-go's informers against an API server: writers make
// random changes to the objects of one resource while the informers' connections
// are slow and are cut again and again. In the end the store of each informer
// has to be equal to a fresh list, and each handler must have been told a
// history that makes sense.
//
// The objects have a spec with title, total and color, as the custom tasks of
// the end-to-end tests do.
package main

import (
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/signal"
	"syscall"
	"time"

	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
)

// settings are what the command line says.
type settings struct {
	kubeconfig string
	resource   schema.GroupVersionResource
	kind       string
	namespace  string
	changes    int64
	writers    int
	seed       uint64
	patience   time.Duration
}

func main() {
	var s settings
	flag.StringVar(&s.kubeconfig, "kubeconfig", os.Getenv("KUBECONFIG"), "how to reach the API server")
	flag.StringVar(&s.resource.Group, "group", "", "group of the resource")
	flag.StringVar(&s.resource.Version, "version", "v1", "version of the resource")
	flag.StringVar(&s.resource.Resource, "resource", "customtasks", "the resource, namespaced")
	flag.StringVar(&s.kind, "kind", "CustomTask", "its kind")
	flag.StringVar(&s.namespace, "namespace", "default", "where the objects are; it must have none of them yet")
	flag.Int64Var(&s.changes, "changes", 5000, "how many changes to make")
	flag.IntVar(&s.writers, "writers", 6, "how many change at once")
	flag.Uint64Var(&s.seed, "seed", uint64(time.Now().UnixNano()), "of everything that is random")
	flag.DurationVar(&s.patience, "patience", 60*time.Second, "how long informers may take to become equal")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	fmt.Printf("seed %d\n", s.seed)
	if err := run(ctx, s); err != nil {
		fmt.Fprintln(os.Stderr, "informers:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, s settings) error {
	config, err := clientcmd.BuildConfigFromFlags("", s.kubeconfig)
	if err != nil {
		return err
	}
	config.QPS = -1 // no limit of the client's own
	client, err := dynamic.NewForConfig(config)
	if err != nil {
		return err
	}
	objects := client.Resource(s.resource).Namespace(s.namespace)
	followers, err := follow(ctx, config, s)
	if err != nil {
		return err
	}
	changes := newChanges(objects, s)
	began := time.Now()
	cutting, calm := context.WithCancel(ctx)
	for index, follower := range followers {
		go follower.network.trouble(cutting, random(s.seed, 1000+index))
	}
	err = changes.make(ctx)
	calm()
	if err != nil {
		return err
	}
	fmt.Printf("%s in %.1f s\n", changes, time.Since(began).Seconds())
	return settle(ctx, objects, followers, s.patience)
}

// follow starts the informers, each with connections of its own, and waits until
// they are in step.
func follow(ctx context.Context, config *rest.Config, s settings) ([]*follower, error) {
	var followers []*follower
	for index, kind := range kinds {
		follower, err := newFollower(config, s, kind, random(s.seed, index))
		if err != nil {
			return nil, err
		}
		follower.start(ctx)
		followers = append(followers, follower)
	}
	for _, follower := range followers {
		if err := follower.synced(ctx, s.patience); err != nil {
			return nil, err
		}
	}
	return followers, nil
}

// random is one of the independent sources of randomness that a seed gives.
func random(seed uint64, stream int) *rand.Rand {
	return rand.New(rand.NewPCG(seed, uint64(stream)))
}
