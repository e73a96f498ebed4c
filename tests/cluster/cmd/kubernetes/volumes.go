//go:build components

package main

import (
	"os"
	"path/filepath"

	"github.com/fsnotify/fsnotify"
	"k8s.io/klog/v2"
)

// volumesDir is where kube-controller-manager's hostpath provisioner makes its
// volumes; the path is fixed in Kubernetes.
const volumesDir = "/tmp/hostpath_pv"

// openVolumes makes every new volume writable to all. The provisioner creates
// them 0750 and owned by root, and fsGroup does not apply to hostPath: without
// this no Pod that runs as an ordinary user could use the default StorageClass.
func openVolumes() {
	watcher, err := fsnotify.NewWatcher()
	if err != nil {
		klog.ErrorS(err, "Volumes stay closed to Pods without root")
		return
	}
	defer watcher.Close()
	// Only the parent is sure to exist: the provisioner makes the folder with
	// its first volume, and a cluster that goes down may remove it.
	if err := watcher.Add(filepath.Dir(volumesDir)); err != nil {
		klog.ErrorS(err, "Volumes stay closed to Pods without root")
		return
	}
	openAll(watcher)
	for event := range watcher.Events {
		if !event.Has(fsnotify.Create) {
			continue
		}
		switch {
		case event.Name == volumesDir:
			openAll(watcher)
		case filepath.Dir(event.Name) == volumesDir:
			open(event.Name)
		}
	}
}

// openAll starts to watch the folder of volumes and opens what is in it already.
func openAll(watcher *fsnotify.Watcher) {
	if err := watcher.Add(volumesDir); err != nil {
		return // not there yet; its creation is an event of the parent
	}
	entries, err := os.ReadDir(volumesDir)
	if err != nil {
		return
	}
	for _, entry := range entries {
		open(filepath.Join(volumesDir, entry.Name()))
	}
}

func open(volume string) {
	if err := os.Chmod(volume, 0o777); err != nil && !os.IsNotExist(err) && !os.IsPermission(err) {
		klog.ErrorS(err, "Cannot open a volume to Pods without root", "volume", volume)
	}
}
