package bench

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"

	"tributary.dev/tests/cluster/internal/process"
)

// The servers, in the order of the tables' columns.
const (
	gateway = "gateway"
	sample  = "sample-apiserver"
	custom  = "CRD"
)

// structure is sample-apiserver's Flunder as a structural schema.
const structure = `{"type":"object","properties":{
  "spec":{"type":"object","properties":{
    "reference":{"type":"string"},"referenceType":{"type":"string","enum":["Flunder","Fischer"]}}},
  "status":{"type":"object"}}}`

// definition is the resource as an AggregatedAPI.
const definition = `{"apiVersion":"tributary.dev/v1alpha1","kind":"AggregatedAPI","metadata":{"name":%[1]q},
 "spec":{"group":%[1]q,
  "resources":[{"name":"flunders","kind":"Flunder","scope":"Namespaced","source":{"stored":{}},
   "versions":[{"name":"v1alpha1","schema":{"openAPIV3Schema":%[2]s}}]}],
  "gateway":{"storage":%[3]s}}}`

// customResource is the resource as a CustomResourceDefinition.
const customResource = `{"apiVersion":"apiextensions.k8s.io/v1","kind":"CustomResourceDefinition",
 "metadata":{"name":"flunders.%[1]s"},
 "spec":{"group":%[1]q,"scope":"Namespaced","names":{"kind":"Flunder","plural":"flunders","singular":"flunder"},
  "versions":[{"name":"v1alpha1","served":true,"storage":true,"schema":{"openAPIV3Schema":%[2]s}}]}}`

const customResources = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"

// startGateway runs a gateway for the group of the flunders.
func (b *Bed) startGateway(ctx context.Context, settings *Settings) (*Server, error) {
	const group = "gateway.example.com"
	if err := b.declare(ctx, settings.Definition, fmt.Appendf(nil, definition, group, structure, `{"memory":{}}`)); err != nil {
		return nil, err
	}
	return b.runGateway(settings.Gateway, group)
}

// declare creates an AggregatedAPI, and before it the CRD that is in a file.
func (b *Bed) declare(ctx context.Context, file string, object []byte) error {
	crd, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	created := Request{Method: http.MethodPost, Path: customResources, Type: "application/yaml", Body: crd}
	if err := b.admin.Do(ctx, 0, created, nil); err != nil {
		return err
	}
	return b.define(ctx, object)
}

// define creates an AggregatedAPI once its CRD is served.
func (b *Bed) define(ctx context.Context, object []byte) error {
	return until(ctx, "AggregatedAPI is served", func() error {
		const path = "/apis/tributary.dev/v1alpha1/aggregatedapis"
		return b.admin.Do(ctx, 0, Request{Method: http.MethodPost, Path: path, Body: object}, nil)
	})
}

// runGateway runs a gateway for a group that is declared.
func (b *Bed) runGateway(program, group string) (*Server, error) {
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	return b.runGatewayAt(gateway, program, group, port)
}

// runGatewayAt runs a gateway of that name, for its pid file and its log.
func (b *Bed) runGatewayAt(name, program, group string, port int, more ...string) (*Server, error) {
	daemon, err := b.start(name, program, append([]string{"run", "--group=" + group, "--listen=" + localhost(port),
		"--tls-cert=" + b.secret(serving+".crt"), "--tls-key=" + b.secret(serving+".key"),
		"--kubeconfig=" + b.Kubeconfig}, more...)...)
	return b.started(name, group, port, daemon, err)
}

// startSample runs sample-apiserver on the cluster's etcd.
func (b *Bed) startSample(_ context.Context, bin string) (*Server, error) {
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	daemon, err := b.start(sample, filepath.Join(bin, sample),
		"--bind-address=127.0.0.1", fmt.Sprintf("--secure-port=%d", port),
		"--tls-cert-file="+b.secret(serving+".crt"), "--tls-private-key-file="+b.secret(serving+".key"),
		"--etcd-servers=https://"+localhost(b.ports.Etcd), "--etcd-cafile="+b.secret("etcd-ca.crt"),
		"--etcd-certfile="+b.secret("apiserver-etcd-client.crt"),
		"--etcd-keyfile="+b.secret("apiserver-etcd-client.key"),
		"--kubeconfig="+b.Kubeconfig, "--authentication-kubeconfig="+b.Kubeconfig,
		"--authorization-kubeconfig="+b.Kubeconfig)
	return b.started(sample, "wardle.example.com", port, daemon, err)
}

// startCustom has kube-apiserver serve the resource.
func (b *Bed) startCustom(ctx context.Context, _ *Settings) (*Server, error) {
	const group = "crd.example.com"
	object := fmt.Appendf(nil, customResource, group, structure)
	if err := b.admin.Do(ctx, 0, Request{Method: http.MethodPost, Path: customResources, Body: object}, nil); err != nil {
		return nil, err
	}
	pid, err := b.pid("kube-apiserver")
	if err != nil {
		return nil, err
	}
	return &Server{
		Name: custom, PID: pid, Flunders: Flunders{group: group},
		identity: administrator, address: b.apiserver(),
	}, nil
}

func (b *Bed) started(name, group string, port int, daemon *process.Daemon, err error) (*Server, error) {
	if err != nil {
		return nil, err
	}
	return &Server{
		Name: name, PID: daemon.PID, Flunders: Flunders{group: group},
		identity: frontProxy, address: localhost(port), daemon: daemon,
	}, nil
}
