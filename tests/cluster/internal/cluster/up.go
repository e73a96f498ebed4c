package cluster

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"tributary.dev/tests/cluster/internal/cache"
	"tributary.dev/tests/cluster/internal/network"
	"tributary.dev/tests/cluster/internal/process"
)

// Timing is how long one phase of Up took.
type Timing struct {
	Phase string
	Took  time.Duration
}

// Result is a cluster that is up.
type Result struct {
	State   State
	Already bool // nothing was to be done
	Timings []Timing
}

// Up starts a cluster and returns once it is of use. One that is up and healthy
// stays; what else is left of one goes first.
func Up(ctx context.Context, name string, options Options, built *cache.Cache) (Result, error) {
	state := StateOf(name)
	if err := checkRoot(); err != nil {
		return Result{}, err
	}
	unlock, err := lockDir(state.Dir)
	if err != nil {
		return Result{}, err
	}
	defer unlock()
	spec, err := loadSpec(state)
	if err == nil && examine(ctx, state, spec).Healthy {
		if !spec.Options.equal(options) {
			return Result{}, fmt.Errorf("cluster %s is up with other options; take it down first", name)
		}
		return Result{State: state, Already: true}, nil
	}
	if err := state.clear(); err != nil {
		return Result{}, fmt.Errorf("what is left of an earlier cluster %s: %w", name, err)
	}
	spec, err = decide(state, name, options)
	if err != nil {
		return Result{}, err
	}
	rise := &rising{
		starter: starter{spec: spec, state: state, bin: built.Kubernetes.Bin()},
		cache:   built,
		phase:   time.Now(),
	}
	if err := rise.run(ctx); err != nil {
		return Result{}, err
	}
	return Result{State: state, Timings: rise.timings}, nil
}

// rising is one start, read from run downwards.
type rising struct {
	starter
	cache   *cache.Cache
	client  *client
	timings []Timing
	phase   time.Time
}

func (r *rising) run(ctx context.Context) error {
	if err := r.prepare(); err != nil {
		return err
	}
	var containerd *process.Daemon
	if r.spec.Mode == Node {
		var err error
		if containerd, err = r.starter.containerd(r.cache.Containerd.Bin()); err != nil {
			return err
		}
	}
	manager, err := r.startControlPlane(ctx)
	if err != nil {
		return err
	}
	if r.spec.Mode == ControlPlane {
		return r.waitForControllers(ctx, manager)
	}
	scheduler, kubelet, err := r.startNode(ctx, containerd)
	if err != nil {
		return err
	}
	if err := r.waitForControllers(ctx, manager); err != nil {
		return err
	}
	return r.waitForNode(ctx, scheduler, kubelet)
}

// done notes the end of a phase.
func (r *rising) done(phase string) {
	now := time.Now()
	r.timings = append(r.timings, Timing{phase, now.Sub(r.phase)})
	r.phase = now
}

// prepare makes all that is no process.
func (r *rising) prepare() error {
	if err := r.writePKI(); err != nil {
		return fmt.Errorf("certificates: %w", err)
	}
	if err := os.Symlink(r.bin+"/kubectl", r.state.Kubectl()); err != nil && !errors.Is(err, os.ErrExist) {
		return err
	}
	var err error
	if r.client, err = newClient(r.state); err != nil {
		return err
	}
	r.done("certificates")
	if r.spec.Mode == ControlPlane {
		return nil
	}
	if err := saveTunables(); err != nil {
		return err
	}
	if err := r.writeNodeConfig(); err != nil {
		return err
	}
	if err := network.Create(r.spec.Plan, r.state.netns()); err != nil {
		return err
	}
	r.done("network")
	return nil
}

// startControlPlane starts etcd and kube-apiserver at once, for the latter
// waits for the former by itself, and kube-controller-manager when they are
// ready, for it gives up after ten seconds.
func (r *rising) startControlPlane(ctx context.Context) (*process.Daemon, error) {
	etcd, err := r.etcd()
	if err != nil {
		return nil, err
	}
	apiserver, err := r.apiserver()
	if err != nil {
		return nil, err
	}
	err = wait(ctx, condition{
		what:     "kube-apiserver is not ready",
		deadline: apiserverDeadline,
		daemon:   apiserver,
		check: func(ctx context.Context) error {
			if err := etcd.Exited(); err != nil {
				return fmt.Errorf("%w\n%s", err, lastLines(etcd.Log))
			}
			return healthy(r.client, r.spec.Server()+"/readyz")(ctx)
		},
	})
	if err != nil {
		return nil, err
	}
	r.done("kube-apiserver")
	manager, err := r.controllerManager()
	if err != nil {
		return nil, err
	}
	return manager, createAddons(ctx, r.client, r.spec.Server())
}

// startNode starts the node's components; containerd, which needs nobody, is
// up already.
func (r *rising) startNode(ctx context.Context, containerd *process.Daemon) (scheduler, kubelet *process.Daemon, err error) {
	if scheduler, err = r.scheduler(); err != nil {
		return nil, nil, err
	}
	err = wait(ctx, condition{
		what:     "containerd does not take the pause image",
		deadline: componentDeadline,
		daemon:   containerd,
		check: func(ctx context.Context) error {
			return importImage(ctx, r.cache, r.state, r.cache.PauseArchive())
		},
	})
	if err != nil {
		return nil, nil, err
	}
	if kubelet, err = r.kubelet(); err != nil {
		return nil, nil, err
	}
	_, err = r.proxy()
	return scheduler, kubelet, err
}

// waitForControllers waits until a namespace is fit for Pods.
func (r *rising) waitForControllers(ctx context.Context, manager *process.Daemon) error {
	for _, url := range []string{
		r.spec.url(r.spec.Ports.ControllerManager) + "/healthz",
		r.spec.Server() + "/api/v1/namespaces/default/serviceaccounts/default",
	} {
		err := wait(ctx, condition{
			what:     "kube-controller-manager is not ready",
			deadline: componentDeadline,
			daemon:   manager,
			check:    healthy(r.client, url),
		})
		if err != nil {
			return err
		}
	}
	r.done("controllers")
	return nil
}

func (r *rising) waitForNode(ctx context.Context, scheduler, kubelet *process.Daemon) error {
	err := wait(ctx, condition{
		what:     "kube-scheduler is not ready",
		deadline: componentDeadline,
		daemon:   scheduler,
		check:    healthy(r.client, r.spec.url(r.spec.Ports.Scheduler)+"/healthz"),
	})
	if err != nil {
		return err
	}
	err = wait(ctx, condition{
		what:     "the node is not Ready",
		deadline: nodeDeadline,
		daemon:   kubelet,
		check:    func(ctx context.Context) error { return r.client.nodeReady(ctx, r.spec.Server()) },
	})
	if err != nil {
		return err
	}
	r.done("node")
	return nil
}
