// Package network gives each cluster with a node its own addresses and its own
// network namespace.
package network

import (
	"fmt"
	"net/netip"
)

// MaxClusters is how many clusters with a node fit side by side: one Pod /24
// each in the 64 that the plan sets aside.
const MaxClusters = 64

// Plan is one cluster's share of 198.18.0.0/15, the range set aside for
// benchmarks (RFC 2544), which no real network routes:
//
//	198.18.0.0/24    a /30 per cluster: .1 the host, .2 the node
//	198.18.128.0/18  a /24 per cluster for Pods
//	198.19.0.0/16    a /22 per cluster for Services
type Plan struct {
	Index int `json:"index"`
}

// Link is the host's end of the pair that leads to the node.
func (p Plan) Link() string { return fmt.Sprintf("tributary%d", p.Index) }

// Host is the host's address as the node sees it.
func (p Plan) Host() netip.Addr { return address(18, 0, 4*p.Index+1) }

// Node is the node's address.
func (p Plan) Node() netip.Addr { return address(18, 0, 4*p.Index+2) }

// Pods is the range of Pod addresses.
func (p Plan) Pods() netip.Prefix { return netip.PrefixFrom(address(18, 128+p.Index, 0), 24) }

// Services is the range of Service addresses.
func (p Plan) Services() netip.Prefix { return netip.PrefixFrom(address(19, 4*p.Index, 0), 22) }

// APIService is the address of the Service "kubernetes": the first of the range.
func (p Plan) APIService() netip.Addr { return address(19, 4*p.Index, 1) }

// DNS is the address Pods are told to resolve names at.
func (p Plan) DNS() netip.Addr { return address(19, 4*p.Index, 10) }

func address(second, third, fourth int) netip.Addr {
	return netip.AddrFrom4([4]byte{198, byte(second), byte(third), byte(fourth)})
}
