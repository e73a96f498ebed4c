package bench

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"tributary.dev/tests/cluster/internal/cache"
	"tributary.dev/tests/cluster/internal/cluster"
	"tributary.dev/tests/cluster/internal/pki"
	"tributary.dev/tests/cluster/internal/process"
)

// Deadlines for a server to start, on a machine that does other work too, and
// how often it is looked at.
const (
	startDeadline = 60 * time.Second
	poll          = 100 * time.Millisecond
)

// serving names the certificate of the two servers that this program starts.
const serving = "bench-serving"

// Bed is a cluster with the servers that are compared.
type Bed struct {
	cluster.Report
	Servers []*Server
	ports   cluster.Ports
	admin   *Client
	etcd    int    // pid
	disk    string // folder of what has to be durable
}

// Server is one of those compared.
type Server struct {
	*Client
	Flunders
	Name     string
	PID      int
	identity Identity
	address  string
	daemon   *process.Daemon         // of one that this program started
	run      func() (*Server, error) // starts it anew, where that is measured
}

// Prepare builds what is not in the cache and starts a cluster. With the cluster
// goes all that is started in it: take it down whether this succeeds or not.
func Prepare(ctx context.Context, settings *Settings) (*Bed, error) {
	built, err := cache.Open()
	if err != nil {
		return nil, err
	}
	if err := built.Build(built.Kubernetes, built.SampleAPIServer); err != nil {
		return nil, err
	}
	disk, err := settings.makeDisk()
	if err != nil {
		return nil, err
	}
	options := cluster.Options{Mode: cluster.ControlPlane, EtcdFsync: true, EtcdDir: filepath.Join(disk, "etcd")}
	bed, err := raise(ctx, settings.Cluster, options, built)
	if err != nil {
		return nil, err
	}
	bed.disk = disk
	if err := bed.createNamespace(ctx, namespace); err != nil {
		return nil, err
	}
	for _, start := range []func(context.Context, *Settings) (*Server, error){
		bed.startGateway,
		func(ctx context.Context, _ *Settings) (*Server, error) {
			return bed.startSample(ctx, built.SampleAPIServer.Bin())
		},
		bed.startCustom,
	} {
		server, err := start(ctx, settings)
		if err != nil {
			return nil, err
		}
		if err := server.connect(bed.PKI, settings.Connections); err != nil {
			return nil, err
		}
		if err := server.answers(ctx); err != nil {
			return nil, err
		}
		bed.Servers = append(bed.Servers, server)
	}
	return bed, nil
}

// Down takes the cluster down, with all that was started in it and what it stored.
func Down(settings *Settings) error {
	_, err := cluster.Down(settings.Cluster)
	if folder := settings.ownDisk(); folder != "" {
		err = errors.Join(err, os.RemoveAll(folder))
	}
	return err
}

// ownDisk is the folder of what has to be durable where that is not a part of the
// cluster's.
func (s *Settings) ownDisk() string {
	if s.Disk == "" {
		return ""
	}
	return filepath.Join(s.Disk, "bench-"+s.Cluster)
}

// makeDisk makes the folder of what has to be durable, without what a run that
// was cut short left there.
func (s *Settings) makeDisk() (string, error) {
	folder := s.ownDisk()
	if folder == "" {
		return cluster.StateOf(s.Cluster).Dir, nil
	}
	if err := Down(s); err != nil {
		return "", err
	}
	folder, err := filepath.Abs(folder) // servers run in another folder
	if err != nil {
		return "", err
	}
	return folder, os.MkdirAll(folder, 0o700)
}

// raise starts a cluster that has been built, and makes it still.
func raise(ctx context.Context, name string, options cluster.Options, built *cache.Cache) (*Bed, error) {
	if _, err := cluster.Down(name); err != nil { // of a run that was cut short
		return nil, err
	}
	if _, err := cluster.Up(ctx, name, options, built); err != nil {
		return nil, err
	}
	report, err := cluster.Status(ctx, name)
	if err != nil {
		return nil, err
	}
	bed := &Bed{Report: report}
	return bed, bed.prepare(ctx)
}

// prepare makes the cluster still: kube-controller-manager watches custom
// resources, and not those of servers that are not registered.
func (b *Bed) prepare(ctx context.Context) error {
	ids := process.LoadAll(filepath.Join(b.StateDir, "pid"))
	if err := ids["kube-controller-manager"].Kill(); err != nil {
		return err
	}
	b.etcd = ids["etcd"].PID
	spec, err := os.ReadFile(filepath.Join(b.StateDir, "cluster.json"))
	if err != nil {
		return err
	}
	if err := json.Unmarshal(spec, &struct {
		Ports *cluster.Ports `json:"ports"`
	}{&b.ports}); err != nil {
		return err
	}
	if b.admin, err = NewClient(b.PKI, b.apiserver(), administrator, 1); err != nil {
		return err
	}
	return b.certify()
}

func (b *Bed) createNamespace(ctx context.Context, name string) error {
	object := fmt.Appendf(nil, `{"apiVersion":"v1","kind":"Namespace","metadata":{"name":%q}}`, name)
	return b.admin.Do(ctx, 0, Request{Method: http.MethodPost, Path: "/api/v1/namespaces", Body: object}, nil)
}

// administrator is who asks kube-apiserver; frontProxy is the same person, as
// kube-apiserver tells of her to an extension server.
var (
	administrator = Identity{Authority: "ca.crt", Pair: "admin"}
	frontProxy    = Identity{Authority: serving + "-ca.crt", Pair: "front-proxy-client", Header: http.Header{
		"X-Remote-User": {"kubernetes-admin"}, "X-Remote-Group": {"system:masters", "system:authenticated"},
	}}
)

func (b *Bed) apiserver() string { return localhost(b.ports.APIServer) }

func localhost(port int) string { return fmt.Sprintf("127.0.0.1:%d", port) }

// certify makes the certificate that both started servers serve with: what TLS
// costs is to be the same.
func (b *Bed) certify() error {
	authority, err := pki.NewAuthority(serving)
	if err != nil {
		return err
	}
	if err := authority.Save(b.PKI, serving+"-ca"); err != nil {
		return err
	}
	leaf, err := authority.Issue(pki.Identity{
		User: serving, Names: []string{"localhost"}, IPs: []net.IP{net.IPv4(127, 0, 0, 1)},
	})
	if err != nil {
		return err
	}
	return leaf.Save(b.PKI, serving)
}

func (b *Bed) secret(file string) string { return filepath.Join(b.PKI, file) }

// pid is that of a component of the cluster.
func (b *Bed) pid(component string) (int, error) {
	for _, running := range b.Processes {
		if running.Name == component {
			return running.PID, nil
		}
	}
	return 0, fmt.Errorf("the cluster has no %s", component)
}

// start runs a server as a part of the cluster: whatever becomes of this
// program, taking the cluster down ends it.
func (b *Bed) start(name, path string, args ...string) (*process.Daemon, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	daemon, err := process.Start(process.Command{
		Name: name, Path: path, Args: args,
		Env: []string{"HOME=" + b.StateDir, "TRIBUTARY_CLUSTER=" + b.StateDir},
	}, filepath.Join(b.StateDir, "pid"), b.Log)
	if err != nil {
		return nil, fmt.Errorf("%w\n%s", err, endOf(filepath.Join(b.Log, name+".log")))
	}
	return daemon, nil
}

func (s *Server) connect(pki string, connections int) (err error) {
	s.Client, err = NewClient(pki, s.address, s.identity, connections)
	return err
}

// answers waits until the server serves its resource.
func (s *Server) answers(ctx context.Context) error {
	return until(ctx, s.Name+" serves "+resource, func() error {
		if err := s.Ended(); err != nil {
			return err
		}
		return s.Do(ctx, 0, Request{Method: http.MethodGet, Path: s.path()}, nil)
	})
}

// errEnded is of a server that is not there any more.
var errEnded = errors.New("the server has ended")

// logShown is how much of an ended server's log is told, in bytes.
const logShown = 2000

// Ended is an error with the end of the server's log, or nil while it runs.
func (s *Server) Ended() error {
	if s.daemon == nil || s.daemon.Exited() == nil {
		return nil
	}
	return fmt.Errorf("%w: %w\n%s", errEnded, s.daemon.Exited(), endOf(s.daemon.Log))
}

// endOf is the end of a log, which goes with the cluster.
func endOf(file string) string {
	log, err := os.ReadFile(file)
	if err != nil {
		return err.Error()
	}
	return string(log[max(0, len(log)-logShown):])
}

// until waits for a check to pass.
func until(ctx context.Context, what string, check func() error) error {
	return within(ctx, startDeadline, what, check)
}

func within(ctx context.Context, deadline time.Duration, what string, check func() error) error {
	ctx, cancel := context.WithTimeout(ctx, deadline)
	defer cancel()
	for {
		err := check()
		if err == nil || errors.Is(err, errEnded) {
			return err
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%s: %w: %w", what, ctx.Err(), err)
		case <-time.After(poll):
		}
	}
}

// freePort asks the kernel for a port of loopback.
func freePort() (int, error) {
	listener, err := net.Listen("tcp4", localhost(0))
	if err != nil {
		return 0, err
	}
	defer listener.Close()
	return listener.Addr().(*net.TCPAddr).Port, nil
}
