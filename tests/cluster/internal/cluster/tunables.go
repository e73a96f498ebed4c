package cluster

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
)

// tunables are the host's kernel settings that kubelet changes for its own
// ends. They belong to no namespace, so they are put back with the last
// cluster.
var tunables = []string{
	"/proc/sys/kernel/keys/root_maxbytes",
	"/proc/sys/kernel/keys/root_maxkeys",
	"/proc/sys/kernel/panic",
	"/proc/sys/kernel/panic_on_oops",
	"/proc/sys/vm/overcommit_memory",
	"/proc/sys/vm/panic_on_oom",
}

func tunablesFile() string { return filepath.Join(Root(), "tunables.json") }

// saveTunables notes the settings, unless another cluster's kubelet may have
// changed them already.
func saveTunables() error {
	unlock, err := lockDir(Root())
	if err != nil {
		return err
	}
	defer unlock()
	if _, err := os.Stat(tunablesFile()); err == nil {
		return nil
	}
	values := map[string][]byte{}
	for _, file := range tunables {
		if value, err := os.ReadFile(file); err == nil {
			values[file] = value
		}
	}
	content, err := json.Marshal(values)
	if err != nil {
		return err
	}
	return os.WriteFile(tunablesFile(), content, 0o600)
}

// restoreTunables puts the settings back; the caller holds the lock of Root.
func restoreTunables() error {
	content, err := os.ReadFile(tunablesFile())
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	var values map[string][]byte
	if err := json.Unmarshal(content, &values); err != nil {
		return errors.Join(err, os.Remove(tunablesFile()))
	}
	for _, file := range tunables {
		now, err := os.ReadFile(file)
		if err != nil || values[file] == nil || string(now) == string(values[file]) {
			continue
		}
		if err := os.WriteFile(file, values[file], 0o644); err != nil {
			return err
		}
	}
	return os.Remove(tunablesFile())
}
