package pki

import (
	"crypto/x509"
	"encoding/pem"
	"net"
	"net/netip"
	"os"
	"path/filepath"
)

// FrontProxyUser is the only name extension API servers accept requests from
// on behalf of other users.
const FrontProxyUser = "front-proxy-client"

// Subjects is what a cluster's certificates must name.
type Subjects struct {
	ServerIPs   []netip.Addr // addresses kube-apiserver is reached at, besides loopback
	LoopbackIPs []netip.Addr // addresses of what serves inside the cluster only
	NodeName    string       // empty without a node
	NodeIP      netip.Addr
}

// certificate is one file pair of the folder.
type certificate struct {
	name     string
	signer   string
	identity Identity
}

// WriteCluster fills a folder with three authorities (ca, front-ca, etcd-ca),
// the service account keys (sa.key, sa.pub) and every component's certificate.
func WriteCluster(dir string, subjects Subjects) error {
	signers := map[string]*Authority{}
	for name, subject := range map[string]string{"ca": "kubernetes-ca", "front-ca": "front-proxy-ca", "etcd-ca": "etcd-ca"} {
		authority, err := NewAuthority(subject)
		if err != nil {
			return err
		}
		if err := authority.Save(dir, name); err != nil {
			return err
		}
		signers[name] = authority
	}
	for _, c := range certificates(subjects) {
		pair, err := signers[c.signer].Issue(c.identity)
		if err != nil {
			return err
		}
		if err := pair.Save(dir, c.name); err != nil {
			return err
		}
	}
	return writeServiceAccountKeys(dir)
}

func certificates(s Subjects) []certificate {
	loopback := netIPs(append([]netip.Addr{netip.MustParseAddr("127.0.0.1")}, s.LoopbackIPs...))
	all := []certificate{
		{"apiserver", "ca", Identity{
			User: "kube-apiserver",
			Names: []string{
				"localhost", "kubernetes", "kubernetes.default", "kubernetes.default.svc",
				"kubernetes.default.svc.cluster.local",
			},
			IPs: append(loopback, netIPs(s.ServerIPs)...),
		}},
		{"component", "ca", Identity{User: "component", Names: []string{"localhost"}, IPs: loopback}},
		{"admin", "ca", Identity{User: "kubernetes-admin", Groups: []string{"system:masters"}}},
		{"kube-controller-manager", "ca", Identity{User: "system:kube-controller-manager"}},
		{"kube-scheduler", "ca", Identity{User: "system:kube-scheduler"}},
		{"kube-proxy", "ca", Identity{User: "system:kube-proxy"}},
		{"apiserver-kubelet-client", "ca", Identity{
			User: "kube-apiserver-kubelet-client", Groups: []string{"system:masters"},
		}},
		{"front-proxy-client", "front-ca", Identity{User: FrontProxyUser}},
		{"etcd", "etcd-ca", Identity{User: "etcd", Names: []string{"localhost"}, IPs: loopback}},
		{"apiserver-etcd-client", "etcd-ca", Identity{User: "kube-apiserver-etcd-client"}},
	}
	if s.NodeName == "" {
		return all
	}
	return append(all, certificate{"kubelet", "ca", Identity{
		User:   "system:node:" + s.NodeName,
		Groups: []string{"system:nodes"},
		Names:  []string{s.NodeName},
		IPs:    netIPs([]netip.Addr{s.NodeIP}),
	}})
}

// writeServiceAccountKeys writes the pair that signs and checks tokens.
func writeServiceAccountKeys(dir string) error {
	key, err := newKey()
	if err != nil {
		return err
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return err
	}
	public, err := x509.MarshalPKIXPublicKey(key.Public())
	if err != nil {
		return err
	}
	keyPEM := pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private})
	if err := os.WriteFile(filepath.Join(dir, "sa.key"), keyPEM, 0o600); err != nil {
		return err
	}
	publicPEM := pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: public})
	return os.WriteFile(filepath.Join(dir, "sa.pub"), publicPEM, 0o644)
}

func netIPs(addresses []netip.Addr) []net.IP {
	var ips []net.IP
	for _, address := range addresses {
		ips = append(ips, address.AsSlice())
	}
	return ips
}
