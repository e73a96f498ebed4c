package cluster

import (
	"context"
	"fmt"
)

// addon is an object every cluster starts with: its collection's path and its
// manifest. To add one, add a line; to add a program, add its objects.
type addon struct {
	collection string
	manifest   string
}

var addons = []addon{
	{"/apis/storage.k8s.io/v1/storageclasses", storageClass},
}

// storageClass is served by kube-controller-manager's hostpath provisioner.
const storageClass = `apiVersion: storage.k8s.io/v1
kind: StorageClass
metadata:
  name: standard
  annotations:
    storageclass.kubernetes.io/is-default-class: "true"
provisioner: kubernetes.io/host-path
reclaimPolicy: Delete
volumeBindingMode: Immediate
`

func createAddons(ctx context.Context, client *client, server string) error {
	for _, a := range addons {
		if err := client.create(ctx, server+a.collection, a.manifest); err != nil {
			return fmt.Errorf("%s: %w", a.collection, err)
		}
	}
	return nil
}
