package pki

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestClusterCertificates(t *testing.T) {
	dir := t.TempDir()
	node := netip.MustParseAddr("198.18.0.2")
	err := WriteCluster(dir, Subjects{
		ServerIPs: []netip.Addr{netip.MustParseAddr("198.19.0.1")}, LoopbackIPs: []netip.Addr{node},
		NodeName: "node1", NodeIP: node,
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ name, signer, user, group, host string }{
		{"apiserver", "ca", "kube-apiserver", "", "198.19.0.1"},
		{"apiserver", "ca", "kube-apiserver", "", "127.0.0.1"},
		{"apiserver", "ca", "kube-apiserver", "", "198.18.0.2"},
		{"apiserver", "ca", "kube-apiserver", "", "kubernetes.default.svc"},
		{"component", "ca", "component", "", "198.18.0.2"},
		{"admin", "ca", "kubernetes-admin", "system:masters", ""},
		{"kube-controller-manager", "ca", "system:kube-controller-manager", "", ""},
		{"kubelet", "ca", "system:node:node1", "system:nodes", "198.18.0.2"},
		{"front-proxy-client", "front-ca", "front-proxy-client", "", ""},
		{"etcd", "etcd-ca", "etcd", "", "127.0.0.1"},
		{"apiserver-etcd-client", "etcd-ca", "kube-apiserver-etcd-client", "", ""},
	} {
		leaf := load(t, dir, c.name)
		roots := x509.NewCertPool()
		roots.AddCert(load(t, dir, c.signer))
		_, err := leaf.Verify(x509.VerifyOptions{
			Roots: roots, DNSName: c.host, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny},
		})
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
		if leaf.Subject.CommonName != c.user || strings.Join(leaf.Subject.Organization, ",") != c.group {
			t.Errorf("%s is for %v", c.name, leaf.Subject)
		}
		if _, err := tls.LoadX509KeyPair(filepath.Join(dir, c.name+".crt"), filepath.Join(dir, c.name+".key")); err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

func TestKeysArePrivate(t *testing.T) {
	dir := t.TempDir()
	if err := WriteCluster(dir, Subjects{}); err != nil {
		t.Fatal(err)
	}
	keys, err := filepath.Glob(filepath.Join(dir, "*.key"))
	if err != nil || len(keys) == 0 {
		t.Fatalf("keys: %v %v", keys, err)
	}
	for _, key := range keys {
		info, err := os.Stat(key)
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode().Perm() != 0o600 {
			t.Errorf("%s has mode %v", filepath.Base(key), info.Mode())
		}
	}
	if _, err := os.Stat(filepath.Join(dir, "kubelet.crt")); err == nil {
		t.Error("a kubelet without a node")
	}
}

func TestKubeconfigIsComplete(t *testing.T) {
	dir := t.TempDir()
	if err := WriteCluster(dir, Subjects{}); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "kubeconfig")
	if err := WriteKubeconfig(file, dir, "a", "https://127.0.0.1:6443", "admin"); err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{"server: https://127.0.0.1:6443", "current-context: a", "user: admin", "client-key-data: LS0t"} {
		if !strings.Contains(string(content), part) {
			t.Errorf("no %q in\n%s", part, content)
		}
	}
}

func load(t *testing.T, dir, name string) *x509.Certificate {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(dir, name+".crt"))
	if err != nil {
		t.Fatal(err)
	}
	block, _ := pem.Decode(content)
	certificate, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	return certificate
}
