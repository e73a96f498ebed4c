package cluster

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"

	"tributary.dev/tests/cluster/internal/cache"
	"tributary.dev/tests/cluster/internal/oci"
)

// LoadImage gives a cluster's node an image archive and returns the names that
// Pods call its images by.
func LoadImage(ctx context.Context, built *cache.Cache, name, archive string) ([]string, error) {
	state := StateOf(name)
	spec, err := loadSpec(state)
	if err != nil {
		return nil, fmt.Errorf("cluster %s: %w", name, err)
	}
	if spec.Mode != Node {
		return nil, fmt.Errorf("cluster %s has no node to hold images", name)
	}
	file, err := os.Open(archive)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	names, err := oci.Names(file)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", archive, err)
	}
	if err := checkNames(names); err != nil {
		return nil, fmt.Errorf("%s: %w", archive, err)
	}
	return names, importImage(ctx, built, state, archive)
}

// checkNames refuses archives that carry no name or a bare tag: containerd would
// make a name up that no Pod asks for, and that CRI cannot resolve.
func checkNames(names []string) error {
	if len(names) == 0 {
		return errors.New("the archive names no image")
	}
	for _, name := range names {
		if !imageName.MatchString(name) {
			return fmt.Errorf("the archive names its image %q; want HOST/PATH:TAG", name)
		}
	}
	return nil
}

// imageName is a name that needs no completion: its first part is a host, for
// it has a dot or a port, or is localhost.
var imageName = regexp.MustCompile(
	`^(localhost|[a-z0-9-]+\.[a-z0-9.-]+|[a-z0-9.-]+:[0-9]+)(:[0-9]+)?/[a-z0-9._/-]+:[A-Za-z0-9._-]+$`)

// importImage hands an archive to containerd.
func importImage(ctx context.Context, built *cache.Cache, state State, archive string) error {
	ctr := filepath.Join(built.Containerd.Bin(), "ctr")
	cmd := exec.CommandContext(ctx, ctr, "--address="+state.containerdSocket(), "--namespace=k8s.io",
		"images", "import", archive)
	output, err := cmd.CombinedOutput()
	if err != nil {
		return fmt.Errorf("ctr images import: %w: %s", err, output)
	}
	return nil
}
