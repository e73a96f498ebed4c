package cluster

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"tributary.dev/tests/cluster/internal/process"
)

// Report is what Status says of a cluster; its JSON is for scripts.
type Report struct {
	Name              string      `json:"name"`
	Healthy           bool        `json:"healthy"`
	Mode              Mode        `json:"mode,omitempty"`
	Server            string      `json:"server,omitempty"`
	Kubeconfig        string      `json:"kubeconfig,omitempty"`
	Kubectl           string      `json:"kubectl,omitempty"`
	PKI               string      `json:"pkiDir,omitempty"`
	Log               string      `json:"logDir,omitempty"`
	StateDir          string      `json:"stateDir,omitempty"`
	Node              *NodeReport `json:"node,omitempty"`
	Processes         []Process   `json:"processes,omitempty"`
	Components        []Component `json:"components,omitempty"`
	AggregatorRouting bool        `json:"aggregatorRouting"`
}

// NodeReport holds the addresses of a cluster with a node. All can be reached
// from the host.
type NodeReport struct {
	Name        string `json:"name"`
	Address     string `json:"address"`
	HostAddress string `json:"hostAddress"` // the host's, as Pods see it
	PodCIDR     string `json:"podCIDR"`
	ServiceCIDR string `json:"serviceCIDR"`
	Netns       string `json:"netns"` // for nsenter --net=
	Containerd  string `json:"containerdSocket"`
}

// Process is a daemon as started by Up.
type Process struct {
	Name    string `json:"name"`
	PID     int    `json:"pid"`
	Running bool   `json:"running"`
}

// Component is one answer to "are you healthy".
type Component struct {
	Name    string `json:"name"`
	Healthy bool   `json:"healthy"`
	Message string `json:"message,omitempty"`
}

// Status examines a cluster; one that is not up is no error.
func Status(ctx context.Context, name string) (Report, error) {
	state := StateOf(name)
	spec, err := loadSpec(state)
	if err == errNotUp {
		return Report{Name: name}, nil
	}
	if err != nil {
		return Report{}, err
	}
	return examine(ctx, state, spec), nil
}

// Up says whether there is anything of the cluster.
func (r Report) Up() bool { return r.StateDir != "" }

func examine(ctx context.Context, state State, spec Spec) Report {
	report := Report{
		Name: spec.Name, Mode: spec.Mode, Server: spec.Server(), AggregatorRouting: spec.AggregatorRouting,
		Kubeconfig: state.Kubeconfig(), Kubectl: state.Kubectl(),
		PKI: state.PKI(), Log: state.Log(), StateDir: state.Dir,
	}
	if spec.Mode == Node {
		report.Node = &NodeReport{
			Name: NodeName, Address: spec.Plan.Node().String(), HostAddress: spec.Plan.Host().String(),
			PodCIDR: spec.Plan.Pods().String(), ServiceCIDR: spec.Plan.Services().String(),
			Netns: state.netns(), Containerd: state.containerdSocket(),
		}
	}
	report.Processes = processesOf(state, spec)
	report.Components = componentsOf(ctx, state, spec)
	report.Healthy = !slices.ContainsFunc(report.Processes, func(p Process) bool { return !p.Running }) &&
		!slices.ContainsFunc(report.Components, func(c Component) bool { return !c.Healthy })
	return report
}

// daemons are the processes each mode must have.
var daemons = map[Mode][]string{
	ControlPlane: {"etcd", "kube-apiserver", "kube-controller-manager"},
	Node: {
		"etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler", "containerd", "kubelet", "kube-proxy",
	},
}

func processesOf(state State, spec Spec) []Process {
	ids := process.LoadAll(state.pids())
	var processes []Process
	for _, name := range daemons[spec.Mode] {
		id, known := ids[name]
		processes = append(processes, Process{Name: name, PID: id.PID, Running: known && id.Alive()})
	}
	return processes
}

func componentsOf(ctx context.Context, state State, spec Spec) []Component {
	client, err := newClient(state)
	if err != nil {
		return []Component{{Name: "kube-apiserver", Message: err.Error()}}
	}
	checks := []struct {
		name  string
		check func(context.Context) error
	}{
		{"kube-apiserver", healthy(client, spec.Server()+"/readyz")}, // covers etcd
		{"kube-controller-manager", healthy(client, spec.url(spec.Ports.ControllerManager)+"/healthz")},
	}
	if spec.Mode == Node {
		checks = append(checks, []struct {
			name  string
			check func(context.Context) error
		}{
			{"kube-scheduler", healthy(client, spec.url(spec.Ports.Scheduler)+"/healthz")},
			{"node", func(ctx context.Context) error { return client.nodeReady(ctx, spec.Server()) }},
		}...)
	}
	var components []Component
	for _, c := range checks {
		component := Component{Name: c.name, Healthy: true}
		if err := c.check(ctx); err != nil {
			component.Healthy, component.Message = false, err.Error()
		}
		components = append(components, component)
	}
	return components
}

// String is the report for people.
func (r Report) String() string {
	if !r.Up() {
		return fmt.Sprintf("cluster %s is not up\n", r.Name)
	}
	var text strings.Builder
	line := func(name, value string) { fmt.Fprintf(&text, "%-14s %s\n", name, value) }
	line("name", r.Name)
	line("mode", string(r.Mode))
	line("healthy", fmt.Sprint(r.Healthy))
	line("server", r.Server)
	line("kubeconfig", r.Kubeconfig)
	line("kubectl", r.Kubectl)
	line("certificates", r.PKI)
	line("logs", r.Log)
	if r.Node != nil {
		line("node", r.Node.Name+" "+r.Node.Address)
		line("host", r.Node.HostAddress)
		line("pods", r.Node.PodCIDR)
		line("services", r.Node.ServiceCIDR)
	}
	for _, p := range r.Processes {
		state := "running"
		if !p.Running {
			state = "ended"
		}
		fmt.Fprintf(&text, "  %-24s pid %-8d %s\n", p.Name, p.PID, state)
	}
	for _, c := range r.Components {
		if !c.Healthy {
			fmt.Fprintf(&text, "  %-24s not healthy: %s\n", c.Name, c.Message)
		}
	}
	return text.String()
}
