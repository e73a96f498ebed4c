package cluster

import (
	"fmt"
	"math/rand/v2"
	"net"
	"strconv"
)

// Ports for control planes are drawn from below the range the kernel takes for
// outgoing connections (32768 and up), which could take one between the check
// and its use.
const (
	firstPort = 20000
	lastPort  = 32000
)

// portTries bounds the search: with a hundred clusters a draw fails in less
// than one case of twenty.
const portTries = 100

// freePorts draws distinct free ports on loopback.
func freePorts() (Ports, error) {
	var ports Ports
	taken := map[int]bool{}
	for _, port := range []*int{&ports.Etcd, &ports.EtcdPeer, &ports.APIServer, &ports.ControllerManager} {
		drawn, err := freePort(taken)
		if err != nil {
			return Ports{}, err
		}
		*port = drawn
		taken[drawn] = true
	}
	return ports, nil
}

func freePort(taken map[int]bool) (int, error) {
	for range portTries {
		port := firstPort + rand.IntN(lastPort-firstPort)
		if taken[port] {
			continue
		}
		listener, err := net.Listen("tcp4", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
		if err != nil {
			continue
		}
		listener.Close()
		return port, nil
	}
	return 0, fmt.Errorf("no free port between %d and %d", firstPort, lastPort)
}
