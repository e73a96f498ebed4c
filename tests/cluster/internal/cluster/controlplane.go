package cluster

import (
	"context"
	"net/netip"
	"path/filepath"
	"strconv"

	"tributary.dev/tests/cluster/internal/network"
	"tributary.dev/tests/cluster/internal/pki"
	"tributary.dev/tests/cluster/internal/process"
)

// executablePath is where daemons look for programs of the system.
const executablePath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

// servicesWithoutNode is the range of Service addresses that nothing serves.
var servicesWithoutNode = network.Plan{}.Services()

// starter starts one cluster's daemons.
type starter struct {
	spec  Spec
	state State
	bin   string // of Kubernetes
}

// start runs a component, inside the namespace of a cluster with a node.
func (s starter) start(name, path string, args ...string) (*process.Daemon, error) {
	env := []string{"PATH=" + filepath.Dir(path) + ":" + executablePath, "HOME=" + s.state.Dir, s.state.mark()}
	if s.spec.Mode == Node {
		path, args = network.Enter(s.state.netns(), path, args)
	}
	return process.Start(process.Command{Name: name, Path: path, Args: args, Env: env}, s.state.pids(), s.state.Log())
}

func (s starter) kubernetes(name string, args ...string) (*process.Daemon, error) {
	return s.start(name, filepath.Join(s.bin, name), args...)
}

// writePKI makes the certificates and the kubeconfigs.
func (s starter) writePKI() error {
	subjects := pki.Subjects{ServerIPs: []netip.Addr{servicesWithoutNode.Addr().Next()}}
	users := []string{"kube-controller-manager"}
	if s.spec.Mode == Node {
		subjects = pki.Subjects{
			ServerIPs:   []netip.Addr{s.spec.Plan.APIService()},
			LoopbackIPs: []netip.Addr{s.spec.Plan.Node()},
			NodeName:    NodeName,
			NodeIP:      s.spec.Plan.Node(),
		}
		users = append(users, "kube-scheduler", "kube-proxy", "kubelet")
	}
	if err := pki.WriteCluster(s.state.PKI(), subjects); err != nil {
		return err
	}
	for _, user := range users {
		if err := s.writeKubeconfig(s.state.component(user), user); err != nil {
			return err
		}
	}
	return s.writeKubeconfig(s.state.Kubeconfig(), "admin")
}

func (s starter) writeKubeconfig(file, user string) error {
	return pki.WriteKubeconfig(file, s.state.PKI(), s.spec.Name, s.spec.Server(), user)
}

func (s starter) etcd() (*process.Daemon, error) {
	data := s.spec.EtcdDir
	if data == "" {
		data = s.state.path("etcd")
	}
	client, peer := s.spec.etcdURL(s.spec.Ports.Etcd), s.spec.etcdURL(s.spec.Ports.EtcdPeer)
	args := []string{
		"--data-dir=" + data,
		"--listen-client-urls=" + client, "--advertise-client-urls=" + client,
		"--listen-peer-urls=" + peer, "--initial-advertise-peer-urls=" + peer,
		"--initial-cluster=default=" + peer,
		"--cert-file=" + s.state.secret("etcd.crt"), "--key-file=" + s.state.secret("etcd.key"),
		"--client-cert-auth", "--trusted-ca-file=" + s.state.secret("etcd-ca.crt"),
		"--peer-cert-file=" + s.state.secret("etcd.crt"), "--peer-key-file=" + s.state.secret("etcd.key"),
		"--peer-client-cert-auth", "--peer-trusted-ca-file=" + s.state.secret("etcd-ca.crt"),
		"--log-level=warn",
	}
	if !s.spec.EtcdFsync {
		args = append(args, "--unsafe-no-fsync")
	}
	return s.kubernetes("etcd", args...)
}

func (s starter) apiserver() (*process.Daemon, error) {
	services, bind := servicesWithoutNode, loopback
	if s.spec.Mode == Node {
		services, bind = s.spec.Plan.Services(), netip.IPv4Unspecified()
	}
	args := []string{
		"--etcd-servers=" + s.spec.etcdURL(s.spec.Ports.Etcd),
		"--etcd-cafile=" + s.state.secret("etcd-ca.crt"),
		"--etcd-certfile=" + s.state.secret("apiserver-etcd-client.crt"),
		"--etcd-keyfile=" + s.state.secret("apiserver-etcd-client.key"),
		"--bind-address=" + bind.String(),
		"--advertise-address=" + s.spec.address().String(),
		"--secure-port=" + strconv.Itoa(s.spec.Ports.APIServer),
		"--tls-cert-file=" + s.state.secret("apiserver.crt"),
		"--tls-private-key-file=" + s.state.secret("apiserver.key"),
		"--client-ca-file=" + s.state.secret("ca.crt"),
		"--service-account-key-file=" + s.state.secret("sa.pub"),
		"--service-account-signing-key-file=" + s.state.secret("sa.key"),
		"--service-account-issuer=https://kubernetes.default.svc.cluster.local",
		"--service-cluster-ip-range=" + services.String(),
		"--authorization-mode=Node,RBAC",
		"--enable-admission-plugins=NodeRestriction",
		"--allow-privileged=true",
		"--requestheader-client-ca-file=" + s.state.secret("front-ca.crt"),
		"--requestheader-allowed-names=" + pki.FrontProxyUser,
		"--requestheader-username-headers=X-Remote-User",
		"--requestheader-uid-headers=X-Remote-Uid",
		"--requestheader-group-headers=X-Remote-Group",
		"--requestheader-extra-headers-prefix=X-Remote-Extra-",
		"--proxy-client-cert-file=" + s.state.secret("front-proxy-client.crt"),
		"--proxy-client-key-file=" + s.state.secret("front-proxy-client.key"),
		"--enable-aggregator-routing=" + strconv.FormatBool(s.spec.AggregatorRouting),
		"--kubelet-client-certificate=" + s.state.secret("apiserver-kubelet-client.crt"),
		"--kubelet-client-key=" + s.state.secret("apiserver-kubelet-client.key"),
		"--kubelet-certificate-authority=" + s.state.secret("ca.crt"),
		// The node's name does not resolve.
		"--kubelet-preferred-address-types=InternalIP",
	}
	if s.spec.Mode == ControlPlane {
		// Endpoints may not hold a loopback address, and nobody could follow
		// them without kube-proxy.
		args = append(args, "--endpoint-reconciler-type=none")
	}
	return s.kubernetes("kube-apiserver", append(args, s.spec.APIServerArgs...)...)
}

func (s starter) controllerManager() (*process.Daemon, error) {
	kubeconfig := s.state.component("kube-controller-manager")
	return s.kubernetes("kube-controller-manager", append(s.serving(s.spec.Ports.ControllerManager),
		"--kubeconfig="+kubeconfig,
		"--authentication-kubeconfig="+kubeconfig,
		"--authorization-kubeconfig="+kubeconfig,
		"--service-account-private-key-file="+s.state.secret("sa.key"),
		"--root-ca-file="+s.state.secret("ca.crt"),
		"--cluster-signing-cert-file="+s.state.secret("ca.crt"),
		"--cluster-signing-key-file="+s.state.secret("ca.key"),
		"--use-service-account-credentials",
		"--leader-elect=false", // there is one
		"--enable-hostpath-provisioner",
		// Each controller begins by asking for its account and a token; at the
		// default of 20 requests a second that alone takes 4 seconds.
		"--kube-api-qps=500", "--kube-api-burst=1000",
	)...)
}

// serving are the flags by which a component serves its health to the host.
func (s starter) serving(port int) []string {
	return []string{
		"--bind-address=" + s.spec.address().String(),
		"--secure-port=" + strconv.Itoa(port),
		"--tls-cert-file=" + s.state.secret("component.crt"),
		"--tls-private-key-file=" + s.state.secret("component.key"),
	}
}

// healthy is a check that a server's health endpoint answers.
func healthy(client *client, url string) func(context.Context) error {
	return func(ctx context.Context) error {
		_, err := client.get(ctx, url)
		return err
	}
}
