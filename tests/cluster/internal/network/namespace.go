package network

import (
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strings"
	"syscall"
)

// linkPrefix is the length of the prefix on the pair between host and node.
const linkPrefix = 30

// Create makes the cluster's namespace, held open by a mount on the given
// file, with the node's address in it and a pair of links to the host.
//
// The file, not /run/netns: `ip netns` would leave a mount of its own behind,
// and `ip netns exec` hides the cgroups from kubelet.
func Create(plan Plan, file string) error {
	if err := os.WriteFile(file, nil, 0o644); err != nil {
		return err
	}
	if err := run("unshare", "--net="+file, "true"); err != nil {
		return err
	}
	link, node, host := plan.Link(), plan.Node().String(), plan.Host().String()
	for _, line := range []string{
		"ip link add " + link + " type veth peer name eth0 netns " + file,
		fmt.Sprintf("ip addr add %s/%d dev %s", host, linkPrefix, link),
		"ip link set " + link + " up",
		"in ip link set lo up",
		fmt.Sprintf("in ip addr add %s/%d dev eth0", node, linkPrefix),
		"in ip link set eth0 up",
		// Pods and kube-apiserver want a default route, even to nowhere.
		"in ip route add default via " + host,
		// Tests on the host reach Pods and Services directly.
		"ip route add " + plan.Pods().String() + " via " + node,
		"ip route add " + plan.Services().String() + " via " + node,
	} {
		if err := runLine(file, line); err != nil {
			return err
		}
	}
	const forward = "echo 1 > /proc/sys/net/ipv4/ip_forward" // of the namespace; the host's stays
	return run("nsenter", "--net="+file, "sh", "-c", forward)
}

// runLine runs a command, inside the namespace if it begins with "in".
func runLine(file, line string) error {
	words := strings.Fields(line)
	if words[0] == "in" {
		words = append([]string{"nsenter", "--net=" + file}, words[1:]...)
	}
	return run(words[0], words[1:]...)
}

// Enter returns the command that runs another inside the namespace. It keeps
// the process id: nsenter without --pid executes in place.
func Enter(file, path string, args []string) (string, []string) {
	return "nsenter", append([]string{"--net=" + file, path}, args...)
}

// Delete removes what Create made, or what a crash left of it.
func Delete(plan Plan, file string) error {
	// The link goes first: the namespace is destroyed only some time after
	// its last user is gone, and the index must be free at once.
	if plan.InUse() {
		if err := run("ip", "link", "del", plan.Link()); err != nil && plan.InUse() {
			return err
		}
	}
	err := syscall.Unmount(file, syscall.MNT_DETACH)
	if err != nil && !errors.Is(err, syscall.EINVAL) && !errors.Is(err, syscall.ENOENT) {
		return fmt.Errorf("unmount %s: %w", file, err)
	}
	return nil
}

// InUse says whether the plan's link exists.
func (p Plan) InUse() bool {
	_, err := net.InterfaceByName(p.Link())
	return err == nil
}

func run(name string, args ...string) error {
	output, err := exec.Command(name, args...).CombinedOutput()
	if err != nil {
		return fmt.Errorf("%s %s: %w: %s", name, strings.Join(args, " "), err, strings.TrimSpace(string(output)))
	}
	return nil
}
