package cache

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// cniDirs are where distributions put the CNI plugins.
var cniDirs = []string{"/usr/lib/cni", "/opt/cni/bin", "/usr/libexec/cni"}

// requirement is a program a node needs from the system, and its Debian package.
type requirement struct {
	program string
	pkg     string
}

// programs of a node that are not Go modules, or better come from the system.
var programs = []requirement{
	{"runc", "runc"},
	{"nft", "nftables"},
	{"conntrack", "conntrack"},
	{"ip", "iproute2"},
	{"nsenter", "util-linux"},
	{"unshare", "util-linux"},
	{"mount", "mount"},
}

// CNIPlugins are the plugins a node's network is made of.
var CNIPlugins = []string{"host-local", "ptp"}

const cniPackage = "containernetworking-plugins"

// CNIDir returns the folder that holds all plugins a node needs.
func CNIDir() (string, error) {
	for _, dir := range cniDirs {
		if hasPlugins(dir) {
			return dir, nil
		}
	}
	return "", fmt.Errorf("no folder of %s has the CNI plugins %s",
		strings.Join(cniDirs, " "), strings.Join(CNIPlugins, " "))
}

func hasPlugins(dir string) bool {
	for _, plugin := range CNIPlugins {
		if _, err := exec.LookPath(filepath.Join(dir, plugin)); err != nil {
			return false
		}
	}
	return true
}

// MissingPackages names the Debian packages a node still needs.
func MissingPackages() []string {
	var missing []string
	for _, r := range programs {
		if _, err := exec.LookPath(r.program); err != nil {
			missing = append(missing, r.pkg)
		}
	}
	if _, err := CNIDir(); err != nil {
		missing = append(missing, cniPackage)
	}
	slices.Sort(missing)
	return slices.Compact(missing)
}

// InstallPackages installs what a node needs from the system, where it may.
func InstallPackages() error {
	missing := MissingPackages()
	if len(missing) == 0 {
		return nil
	}
	_, err := exec.LookPath("apt-get")
	if err != nil || os.Geteuid() != 0 {
		return fmt.Errorf("a node needs these packages (names as in Debian): %s", strings.Join(missing, " "))
	}
	step := progress("packages")
	if err := step.run("apt-get update", aptGet("update")); err != nil {
		return err
	}
	install := append([]string{"install", "-y", "--no-install-recommends"}, missing...)
	if err := step.run("installing "+strings.Join(missing, " "), aptGet(install...)); err != nil {
		return err
	}
	if missing = MissingPackages(); len(missing) > 0 {
		return fmt.Errorf("installed, but still missing: %s", strings.Join(missing, " "))
	}
	return nil
}

func aptGet(args ...string) *exec.Cmd {
	cmd := exec.Command("apt-get", args...)
	cmd.Env = append(os.Environ(), "DEBIAN_FRONTEND=noninteractive")
	return cmd
}
