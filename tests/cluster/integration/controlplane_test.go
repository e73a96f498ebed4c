package integration

import (
	"bufio"
	"net"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"
)

// controlPlaneLimit is the promise for a control plane alone.
const controlPlaneLimit = 8 * time.Second

func TestControlPlanesSideBySide(t *testing.T) {
	needSwitch(t)
	before := traces(t)
	first := up(t, "test-first", controlPlaneLimit)
	second := up(t, "test-second", controlPlaneLimit)

	first.kubectl("create", "namespace", "only-first")
	if namespaces := second.kubectl("get", "namespaces", "-o", "name"); strings.Contains(namespaces, "only-first") {
		t.Error("the clusters are one")
	}
	version := first.kubectl("version")
	if strings.Count(version, "v1.36.3") != 2 {
		t.Errorf("want client and server v1.36.3: %s", version)
	}
	began := time.Now()
	first.run("up", "--name", first.name)
	if took := time.Since(began); took > time.Second {
		t.Errorf("up of a cluster that is up took %v", took)
	}
	if _, err := first.try("up", "--name", first.name, "--aggregator-routing"); err == nil {
		t.Error("up with other options passes for up")
	}
	first.kubectl("delete", "namespace", "only-first", "--timeout=30s") // needs the namespace controller

	second.down()
	if !first.status().Healthy {
		t.Error("down of one cluster hit the other")
	}
	first.down()
	requireSame(t, before, traces(t))
}

func TestExternalNameReachesProcess(t *testing.T) {
	needSwitch(t)
	c := up(t, "test-external", controlPlaneLimit)
	c.apply("external.yaml", "{{PORT}}", startExtension(t))
	c.waitFor("apiservice/v1.test.tributary.dev", "condition=Available")
	if got := c.kubectl("get", "--raw", "/apis/test.tributary.dev/v1"); !strings.Contains(got, "APIResourceList") {
		t.Errorf("the extension's answer does not come through: %s", got)
	}
}

// startExtension runs the extension server on loopback and returns its port.
func startExtension(t *testing.T) string {
	t.Helper()
	cmd := exec.Command(programs.extension, "--listen=127.0.0.1:0")
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait() // it was killed: the error says nothing new
	})
	line, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	_, port, err := net.SplitHostPort(strings.TrimSpace(line))
	if err != nil {
		t.Fatal(err)
	}
	return port
}

func TestClaimIsBoundWithoutNode(t *testing.T) {
	needSwitch(t)
	before := traces(t)
	c := up(t, "test-claim", controlPlaneLimit)
	c.apply("pod.yaml", "{{IMAGE}}", "none")
	c.waitFor("pvc/data", "jsonpath={.status.phase}=Bound")
	c.down()
	requireSame(t, before, traces(t))
}

func TestUpAfterCrash(t *testing.T) {
	needSwitch(t)
	before := traces(t)
	c := up(t, "test-crash", controlPlaneLimit)
	kill(t, c.status(), "etcd", "kube-controller-manager")
	if c.status().Healthy {
		t.Fatal("a cluster without etcd passes for healthy")
	}
	c.run("up", "--name", c.name)
	if !c.status().Healthy {
		t.Error("up did not replace what was half dead")
	}
	c.down()
	c.down()
	requireSame(t, before, traces(t))
}

func kill(t *testing.T, s status, names ...string) {
	t.Helper()
	for _, name := range names {
		for _, p := range s.Processes {
			if p.Name != name {
				continue
			}
			if err := syscall.Kill(p.PID, syscall.SIGKILL); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
		}
	}
}
