// Package integration runs real clusters. Its tests need TRIBUTARY_CLUSTER_TEST=1,
// a built cache and, for those with a node, root.
package integration

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// programs are built once for all tests.
var programs struct {
	dir, cluster, extension string
}

func TestMain(m *testing.M) {
	os.Exit(runAll(m))
}

func runAll(m *testing.M) int {
	if os.Getenv("TRIBUTARY_CLUSTER_TEST") != "1" {
		return m.Run() // every test says that it is skipped
	}
	dir, err := os.MkdirTemp("", "tributary-integration-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	programs.dir = dir
	programs.cluster = filepath.Join(dir, "cluster")
	programs.extension = filepath.Join(dir, "extension")
	for output, source := range map[string]string{
		programs.cluster: "../cmd/cluster", programs.extension: "./extension",
	} {
		build := exec.Command("go", "build", "-o", output, source)
		build.Env = append(os.Environ(), "CGO_ENABLED=0") // it runs in an empty image
		if text, err := build.CombinedOutput(); err != nil {
			fmt.Fprintf(os.Stderr, "%v\n%s", err, text)
			return 1
		}
	}
	return m.Run()
}

func needSwitch(t *testing.T) {
	t.Helper()
	if os.Getenv("TRIBUTARY_CLUSTER_TEST") != "1" {
		t.Skip("TRIBUTARY_CLUSTER_TEST is not 1")
	}
}

// cluster is one cluster of a test, removed at its end.
type cluster struct {
	t    *testing.T
	name string
}

// status is what these tests read of `cluster status -o json`.
type status struct {
	Healthy    bool
	Server     string
	Kubeconfig string
	PKIDir     string
	StateDir   string
	Node       struct{ Address, HostAddress, PodCIDR, ServiceCIDR, Netns string }
	Processes  []struct {
		Name    string
		PID     int
		Running bool
	}
}

func up(t *testing.T, name string, limit time.Duration, flags ...string) *cluster {
	t.Helper()
	c := &cluster{t, name}
	t.Cleanup(c.down)
	c.down() // of a run that was cut short
	began := time.Now()
	output := c.run(append([]string{"up", "--name", name}, flags...)...)
	took := time.Since(began)
	t.Logf("%s: up after %.1f s", name, took.Seconds())
	if took > limit {
		t.Errorf("%s: up took %v, more than %v", name, took, limit)
	}
	if want := c.status().Kubeconfig; strings.TrimSpace(output) != want {
		t.Errorf("up printed %q, want the kubeconfig's path %q", output, want)
	}
	return c
}

func (c *cluster) down() {
	c.run("down", "--name", c.name)
}

// run runs the program and returns what it prints for scripts.
func (c *cluster) run(args ...string) string {
	c.t.Helper()
	output, err := c.try(args...)
	if err != nil {
		c.t.Fatalf("cluster %s: %v", strings.Join(args, " "), err)
	}
	return output
}

func (c *cluster) try(args ...string) (string, error) {
	cmd := exec.Command(programs.cluster, args...)
	var stderr strings.Builder
	cmd.Stderr = &stderr
	output, err := cmd.Output()
	if err != nil {
		err = fmt.Errorf("%w: %s%s", err, output, stderr.String())
	}
	return string(output), err
}

func (c *cluster) kubectl(args ...string) string {
	c.t.Helper()
	return c.run(append([]string{"kubectl", "--name", c.name, "--"}, args...)...)
}

func (c *cluster) status() status {
	c.t.Helper()
	output, _ := c.try("status", "--name", c.name, "-o", "json") // the exit code repeats Healthy
	var s status
	if err := json.Unmarshal([]byte(output), &s); err != nil {
		c.t.Fatalf("status: %v: %s", err, output)
	}
	return s
}

// apply applies a manifest of testdata with its {{placeholders}} filled in.
func (c *cluster) apply(file string, values ...string) {
	c.t.Helper()
	content, err := os.ReadFile(filepath.Join("testdata", file))
	if err != nil {
		c.t.Fatal(err)
	}
	filled := filepath.Join(c.t.TempDir(), file)
	if err := os.WriteFile(filled, []byte(strings.NewReplacer(values...).Replace(string(content))), 0o644); err != nil {
		c.t.Fatal(err)
	}
	c.kubectl("apply", "-f", filled)
}

// waitFor waits as kubectl does; on failure it shows what is the matter.
func (c *cluster) waitFor(object, condition string) {
	c.t.Helper()
	output, err := c.try("kubectl", "--name", c.name, "--", "wait", "--timeout=60s", "--for="+condition, object)
	if err != nil {
		described, _ := c.try("kubectl", "--name", c.name, "--", "describe", object)
		c.t.Fatalf("%s: %s: %v\n%s\n%s", object, condition, err, output, described)
	}
}
