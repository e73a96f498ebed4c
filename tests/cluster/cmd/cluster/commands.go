package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"tributary.dev/tests/cluster/internal/cache"
	"tributary.dev/tests/cluster/internal/cluster"
)

func build(_ context.Context, args []string) error {
	set, _ := flags("build")
	node := set.Bool("node", false, "also what a node needs: containerd, and packages of the system")
	if err := parse(set, args); err != nil {
		return err
	}
	_, err := ensure(modeOf(*node))
	return err
}

func modeOf(node bool) cluster.Mode {
	if node {
		return cluster.Node
	}
	return cluster.ControlPlane
}

// ensure builds what a mode needs and is not in the cache yet.
func ensure(mode cluster.Mode) (*cache.Cache, error) {
	built, err := cache.Open()
	if err != nil {
		return nil, err
	}
	if mode == cluster.ControlPlane {
		return built, built.Build(built.Kubernetes)
	}
	if err := cache.InstallPackages(); err != nil {
		return nil, err
	}
	return built, built.Build(built.Kubernetes, built.Containerd, built.Pause)
}

func up(ctx context.Context, args []string) error {
	set, name := flags("up")
	node := set.Bool("node", false, "with a node; needs root")
	routing := set.Bool("aggregator-routing", false, "kube-apiserver calls extension servers' Pods, not Services")
	fsync := set.Bool("etcd-fsync", false, "etcd waits for the disk, as it must in production")
	timings := set.Bool("timings", false, "print how long each phase took")
	var apiserverArgs list
	set.Var(&apiserverArgs, "apiserver-arg", "a further flag for kube-apiserver; may be given again")
	if err := parse(set, args); err != nil {
		return err
	}
	if err := cluster.CheckName(*name); err != nil {
		return err
	}
	if *node && os.Geteuid() != 0 {
		return errors.New("a node needs root; without --node a cluster does not")
	}
	built, err := ensure(modeOf(*node))
	if err != nil {
		return err
	}
	began := time.Now()
	result, err := cluster.Up(ctx, *name, cluster.Options{
		Mode: modeOf(*node), AggregatorRouting: *routing, EtcdFsync: *fsync, APIServerArgs: apiserverArgs,
	}, built)
	if err != nil {
		return err
	}
	announce(*name, result, time.Since(began), *timings)
	return nil
}

// announce ends with the kubeconfig's path alone on a line, for scripts.
func announce(name string, result cluster.Result, took time.Duration, timings bool) {
	if result.Already {
		fmt.Fprintf(os.Stderr, "cluster %s is already up\n", name)
	} else {
		fmt.Fprintf(os.Stderr, "cluster %s is up after %.1f s\n", name, took.Seconds())
	}
	if timings {
		for _, timing := range result.Timings {
			fmt.Fprintf(os.Stderr, "  %-16s %5.2f s\n", timing.Phase, timing.Took.Seconds())
		}
	}
	fmt.Fprintf(os.Stderr, "export KUBECONFIG=%s\n", result.State.Kubeconfig())
	fmt.Println(result.State.Kubeconfig())
}

func down(_ context.Context, args []string) error {
	set, name := flags("down")
	all := set.Bool("all", false, "every cluster of this user")
	if err := parse(set, args); err != nil {
		return err
	}
	if err := cluster.CheckName(*name); err != nil {
		return err
	}
	names := []string{*name}
	if *all {
		var err error
		if names, err = cluster.Names(); err != nil {
			return err
		}
	}
	var failures []error
	for _, name := range names {
		removed, err := cluster.Down(name)
		switch {
		case err != nil:
			failures = append(failures, fmt.Errorf("%s: %w", name, err))
		case removed:
			fmt.Fprintf(os.Stderr, "cluster %s is down\n", name)
		default:
			fmt.Fprintf(os.Stderr, "cluster %s was not up\n", name)
		}
	}
	return errors.Join(failures...)
}

func status(ctx context.Context, args []string) error {
	set, name := flags("status")
	output := set.String("o", "text", "text or json")
	if err := parse(set, args); err != nil {
		return err
	}
	if err := cluster.CheckName(*name); err != nil {
		return err
	}
	report, err := cluster.Status(ctx, *name)
	if err != nil {
		return err
	}
	switch *output {
	case "text":
		fmt.Print(report)
	case "json":
		encoder := json.NewEncoder(os.Stdout)
		encoder.SetIndent("", "  ")
		if err := encoder.Encode(report); err != nil {
			return err
		}
	default:
		return fmt.Errorf("unknown output %q", *output)
	}
	if !report.Healthy {
		return exit(exitNotUp)
	}
	return nil
}

// kubectl becomes kubectl, so that its exit code, its terminal and its signals
// are the caller's.
func kubectl(_ context.Context, args []string) error {
	set, name := flags("kubectl")
	if err := parseWithArguments(set, args); err != nil {
		return err
	}
	if err := cluster.CheckName(*name); err != nil {
		return err
	}
	state := cluster.StateOf(*name)
	binary, err := filepath.EvalSymlinks(state.Kubectl())
	if err != nil {
		return fmt.Errorf("cluster %s is not up", *name)
	}
	env := append(withoutKubeconfig(os.Environ()), "KUBECONFIG="+state.Kubeconfig())
	// The binary goes by the name it is called by; the link's name counts.
	binary = filepath.Join(filepath.Dir(binary), "kubectl")
	return syscall.Exec(binary, append([]string{"kubectl"}, set.Args()...), env)
}

func withoutKubeconfig(environ []string) []string {
	var kept []string
	for _, entry := range environ {
		if !strings.HasPrefix(entry, "KUBECONFIG=") {
			kept = append(kept, entry)
		}
	}
	return kept
}

func loadImage(ctx context.Context, args []string) error {
	set, name := flags("load-image")
	if err := parseWithArguments(set, args); err != nil {
		return err
	}
	if err := cluster.CheckName(*name); err != nil {
		return err
	}
	if set.NArg() == 0 {
		return errors.New("load-image: name at least one archive")
	}
	built, err := cache.Open()
	if err != nil {
		return err
	}
	for _, archive := range set.Args() {
		images, err := cluster.LoadImage(ctx, built, *name, archive)
		if err != nil {
			return err
		}
		fmt.Println(strings.Join(images, "\n"))
	}
	return nil
}
