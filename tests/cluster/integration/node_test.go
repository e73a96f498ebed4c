package integration

import (
	"bytes"
	"crypto/tls"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tributary.dev/tests/cluster/internal/oci"
)

// nodeLimit is the promise for a cluster with a node.
const nodeLimit = 20 * time.Second

const image = "tributary.dev/extension:dev"

func needRoot(t *testing.T) {
	t.Helper()
	needSwitch(t)
	if os.Geteuid() != 0 {
		t.Fatal("a node needs root")
	}
}

func TestNode(t *testing.T) {
	needRoot(t)
	before := traces(t)
	c := up(t, "test-node", nodeLimit, "--node")
	deployExtension(t, c)

	ip := c.kubectl("get", "pod", "extension", "-o", "jsonpath={.status.podIP}")
	service := c.kubectl("get", "service", "extension", "-o", "jsonpath={.spec.clusterIP}")
	requireAnswer(t, "https://"+ip+":8443/")
	requireAnswer(t, "https://"+service+"/")
	if logs := c.kubectl("logs", "extension"); !strings.Contains(logs, "GET") {
		t.Errorf("logs: %s", logs)
	}
	if got := c.kubectl("get", "--raw", "/apis/test.tributary.dev/v1"); !strings.Contains(got, "APIResourceList") {
		t.Errorf("the extension's answer does not come through: %s", got)
	}
	volume := c.kubectl("get", "pv", "-o", "jsonpath={.items[0].spec.hostPath.path}")
	if _, err := os.Stat(filepath.Join(volume, "written")); err != nil {
		t.Errorf("the Pod's file is not in its volume: %v", err)
	}
	requireNothingLeft(t, before, c)
}

func TestNodeCrash(t *testing.T) {
	needRoot(t)
	before := traces(t)
	c := up(t, "test-node", nodeLimit, "--node")
	deployExtension(t, c)
	kill(t, c.status(), "etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler", "containerd", "kubelet", "kube-proxy")
	// A crash of the machine may cut pid files and the like short, too.
	for _, file := range []string{"pid/kubelet.pid", "pid/containerd.pid"} {
		if err := os.Truncate(filepath.Join(c.status().StateDir, file), 0); err != nil {
			t.Fatal(err)
		}
	}
	requireNothingLeft(t, before, c)
}

// TestUpCutShort kills the program itself while the cluster starts.
func TestUpCutShort(t *testing.T) {
	needRoot(t)
	before := traces(t)
	c := &cluster{t, "test-node"}
	t.Cleanup(c.down)
	cmd := exec.Command(programs.cluster, "up", "--name", c.name, "--node")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	started := filepath.Join("/run/tributary", c.name, "pid", "kube-apiserver.pid")
	deadline := time.Now().Add(nodeLimit)
	for _, err := os.Stat(started); err != nil && time.Now().Before(deadline); _, err = os.Stat(started) {
		time.Sleep(10 * time.Millisecond)
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait() // it was killed: the error says nothing new
	if c.status().Healthy {
		t.Error("a cluster that never came up passes for healthy")
	}
	requireNothingLeft(t, before, c)
}

func TestNodesSideBySide(t *testing.T) {
	needRoot(t)
	before := traces(t)
	first := up(t, "test-node", nodeLimit, "--node", "--aggregator-routing")
	second := up(t, "test-node-2", nodeLimit, "--node", "--etcd-fsync")
	deployExtension(t, first)
	deployExtension(t, second)
	a, b := first.status().Node, second.status().Node
	if a.PodCIDR == b.PodCIDR || a.ServiceCIDR == b.ServiceCIDR || a.Address == b.Address {
		t.Errorf("shared addresses: %+v %+v", a, b)
	}
	first.down()
	if !second.status().Healthy {
		t.Error("down of one cluster hit the other")
	}
	ip := second.kubectl("get", "pod", "extension", "-o", "jsonpath={.status.podIP}")
	requireAnswer(t, "https://"+ip+":8443/")
	requireNothingLeft(t, before, second)
}

func requireNothingLeft(t *testing.T, before []string, c *cluster) {
	t.Helper()
	began := time.Now()
	c.down()
	took := time.Since(began)
	t.Logf("%s: down after %.1f s", c.name, took.Seconds())
	if took > downLimit {
		t.Errorf("down took %v", took)
	}
	c.down()
	// The kernel ends a namespace some time after its last user.
	deadline := time.Now().Add(downLimit)
	after := traces(t)
	for len(after) > len(before) && time.Now().Before(deadline) {
		time.Sleep(50 * time.Millisecond)
		after = traces(t)
	}
	requireSame(t, before, after)
}

// deployExtension runs the extension server as a Pod and waits until
// kube-apiserver reaches it through its Service.
func deployExtension(t *testing.T, c *cluster) {
	t.Helper()
	if loaded := c.run("load-image", "--name", c.name, extensionArchive(t)); strings.TrimSpace(loaded) != image {
		t.Fatalf("loaded %q, want %q", loaded, image)
	}
	c.apply("pod.yaml", "{{IMAGE}}", image)
	c.waitFor("pvc/data", "jsonpath={.status.phase}=Bound")
	c.waitFor("pod/extension", "condition=Ready")
	c.waitFor("apiservice/v1.test.tributary.dev", "condition=Available")
}

func extensionArchive(t *testing.T) string {
	t.Helper()
	program, err := os.ReadFile(programs.extension)
	if err != nil {
		t.Fatal(err)
	}
	var archive bytes.Buffer
	err = oci.Write(&archive, oci.Image{
		Name: image, Entrypoint: []string{"/extension"}, Files: map[string][]byte{"/extension": program},
	})
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "extension.tar")
	if err := os.WriteFile(file, archive.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
	return file
}

// requireAnswer asks straight from the host, as a test of a gateway does.
func requireAnswer(t *testing.T, url string) {
	t.Helper()
	client := &http.Client{
		Timeout:   5 * time.Second,
		Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}, // it signs for itself
	}
	response, err := client.Get(url)
	if err != nil {
		t.Errorf("from the host: %v", err)
		return
	}
	defer response.Body.Close()
	body, _ := io.ReadAll(response.Body)
	if !strings.Contains(string(body), "APIResourceList") {
		t.Errorf("%s: %s", url, body)
	}
}
