// Package cluster brings a Kubernetes cluster up and takes it down again with
// all that it made.
package cluster

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"

	"tributary.dev/tests/cluster/internal/network"
)

// Mode says what a cluster consists of.
type Mode string

const (
	// ControlPlane is etcd, kube-apiserver and kube-controller-manager on
	// loopback; it needs no root.
	ControlPlane Mode = "control-plane"
	// Node adds kube-scheduler, kubelet, containerd and kube-proxy in a
	// network namespace of their own; it needs root.
	Node Mode = "node"
)

// NodeName is the name of a cluster's only node.
const NodeName = "node1"

// loopback is where a control plane without a node serves.
var loopback = netip.AddrFrom4([4]byte{127, 0, 0, 1})

// Options is what the caller chooses.
type Options struct {
	Mode              Mode `json:"mode"`
	AggregatorRouting bool `json:"aggregatorRouting"`
	EtcdFsync         bool `json:"etcdFsync"`
	// EtcdDir is the data folder of etcd; empty: in the cluster's own. Who names
	// one removes it, before Up and after Down.
	EtcdDir       string   `json:"etcdDir,omitempty"`
	APIServerArgs []string `json:"apiserverArgs,omitempty"`
}

// equal says whether a cluster with one set of options can stand for the other.
func (o Options) equal(other Options) bool {
	return o.Mode == other.Mode && o.AggregatorRouting == other.AggregatorRouting &&
		o.EtcdFsync == other.EtcdFsync && o.EtcdDir == other.EtcdDir && slices.Equal(o.APIServerArgs, other.APIServerArgs)
}

// Ports are those of one cluster's servers; on loopback no two clusters may
// share them.
type Ports struct {
	Etcd              int `json:"etcd"`
	EtcdPeer          int `json:"etcdPeer"`
	APIServer         int `json:"apiserver"`
	ControllerManager int `json:"controllerManager"`
	Scheduler         int `json:"scheduler"`
}

// nodePorts are Kubernetes' usual ones: in its own namespace a cluster has
// them to itself.
var nodePorts = Ports{Etcd: 2379, EtcdPeer: 2380, APIServer: 6443, ControllerManager: 10257, Scheduler: 10259}

// Spec is a cluster as decided before anything is started. It is written down
// first, so that Down knows what may exist, wherever Up was cut short.
type Spec struct {
	Options
	Name  string       `json:"name"`
	Ports Ports        `json:"ports"`
	Plan  network.Plan `json:"plan"` // of a cluster with a node
}

// maxName keeps the paths of sockets in the state folder below the 108 bytes
// that the kernel allows.
const maxName = 32

var nameForm = regexp.MustCompile(`^[a-z0-9]([-a-z0-9]*[a-z0-9])?$`)

// CheckName refuses names that are no DNS label or too long.
func CheckName(name string) error {
	if len(name) > maxName || !nameForm.MatchString(name) {
		return fmt.Errorf("name %q: want at most %d of a-z, 0-9 and '-', not '-' at an end", name, maxName)
	}
	return nil
}

// address is where the control plane's servers listen.
func (s Spec) address() netip.Addr {
	if s.Mode == Node {
		return s.Plan.Node()
	}
	return loopback
}

// Server is the API server's URL.
func (s Spec) Server() string { return s.url(s.Ports.APIServer) }

func (s Spec) url(port int) string {
	return "https://" + netip.AddrPortFrom(s.address(), uint16(port)).String()
}

func (s Spec) etcdURL(port int) string { return "https://127.0.0.1:" + strconv.Itoa(port) }

// save writes the spec whole or not at all.
func (s Spec) save(file string) error {
	content, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return err
	}
	if err := os.WriteFile(file+".new", append(content, '\n'), 0o644); err != nil {
		return err
	}
	return os.Rename(file+".new", file)
}

// loadSpec reads a cluster's spec; errNotUp says there is none.
func loadSpec(state State) (Spec, error) {
	content, err := os.ReadFile(state.specFile())
	if errors.Is(err, os.ErrNotExist) {
		return Spec{}, errNotUp
	}
	if err != nil {
		return Spec{}, err
	}
	var spec Spec
	if err := json.Unmarshal(content, &spec); err != nil {
		return Spec{}, fmt.Errorf("%s: %w", filepath.Base(state.specFile()), err)
	}
	return spec, nil
}

var errNotUp = errors.New("not up")
