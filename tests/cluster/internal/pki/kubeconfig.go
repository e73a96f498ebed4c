package pki

import (
	"encoding/base64"
	"fmt"
	"os"
	"path/filepath"
)

// kubeconfig has everything inline, so that it can be copied anywhere.
const kubeconfig = `apiVersion: v1
kind: Config
clusters:
- name: %[1]s
  cluster:
    server: %[2]s
    certificate-authority-data: %[3]s
users:
- name: %[4]s
  user:
    client-certificate-data: %[5]s
    client-key-data: %[6]s
contexts:
- name: %[1]s
  context:
    cluster: %[1]s
    user: %[4]s
current-context: %[1]s
`

// WriteKubeconfig writes a kubeconfig for the user whose certificate is in the
// folder of certificates under that name.
func WriteKubeconfig(file, dir, cluster, server, user string) error {
	var encoded [3]any
	for i, name := range []string{"ca.crt", user + ".crt", user + ".key"} {
		content, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			return err
		}
		encoded[i] = base64.StdEncoding.EncodeToString(content)
	}
	text := fmt.Sprintf(kubeconfig, cluster, server, encoded[0], user, encoded[1], encoded[2])
	return os.WriteFile(file, []byte(text), 0o600)
}
