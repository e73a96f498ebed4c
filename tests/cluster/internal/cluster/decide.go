package cluster

import (
	"fmt"

	"tributary.dev/tests/cluster/internal/network"
)

// decide fixes ports and addresses and writes them down, before anything that
// Down would have to know of exists.
func decide(state State, name string, options Options) (Spec, error) {
	spec := Spec{Name: name, Options: options, Ports: nodePorts}
	unlock, err := lockDir(Root())
	if err != nil {
		return Spec{}, err
	}
	defer unlock()
	if options.Mode == ControlPlane {
		spec.Ports, err = freePorts()
	} else {
		spec.Plan, err = freePlan()
	}
	if err != nil {
		return Spec{}, err
	}
	if err := state.create(); err != nil {
		return Spec{}, err
	}
	return spec, spec.save(state.specFile())
}

// freePlan finds the first share of addresses that no cluster has.
func freePlan() (network.Plan, error) {
	names, err := Names()
	if err != nil {
		return network.Plan{}, err
	}
	taken := map[int]bool{}
	for _, name := range names {
		if spec, err := loadSpec(StateOf(name)); err == nil && spec.Mode == Node {
			taken[spec.Plan.Index] = true
		}
	}
	for index := range network.MaxClusters {
		plan := network.Plan{Index: index}
		if !taken[index] && !plan.InUse() {
			return plan, nil
		}
	}
	return network.Plan{}, fmt.Errorf("all %d shares of addresses are taken", network.MaxClusters)
}
