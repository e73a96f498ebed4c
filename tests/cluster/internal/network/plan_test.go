package network

import (
	"net/netip"
	"testing"
)

func TestPlansShareNothing(t *testing.T) {
	benchmarks := netip.MustParsePrefix("198.18.0.0/15")
	var taken []netip.Prefix
	for index := range MaxClusters {
		plan := Plan{index}
		link := netip.PrefixFrom(plan.Node(), linkPrefix).Masked()
		if !link.Contains(plan.Host()) || plan.Host() == plan.Node() {
			t.Fatalf("plan %d: host %v and node %v are no pair", index, plan.Host(), plan.Node())
		}
		for _, inside := range []netip.Addr{plan.APIService(), plan.DNS()} {
			if !plan.Services().Contains(inside) {
				t.Errorf("plan %d: %v is outside %v", index, inside, plan.Services())
			}
		}
		for _, prefix := range []netip.Prefix{link, plan.Pods(), plan.Services()} {
			if prefix != prefix.Masked() {
				t.Errorf("plan %d: %v has bits beyond its length", index, prefix)
			}
			if !benchmarks.Contains(prefix.Addr()) {
				t.Errorf("plan %d: %v is outside %v", index, prefix, benchmarks)
			}
			for _, other := range taken {
				if other.Overlaps(prefix) {
					t.Errorf("plan %d: %v overlaps %v", index, prefix, other)
				}
			}
			taken = append(taken, prefix)
		}
		if name := plan.Link(); len(name) > 15 {
			t.Errorf("the kernel takes no link name as long as %s", name)
		}
	}
}
