// Package oci writes and reads image archives in the OCI layout, enough of it
// to make an image from static binaries with no image builder at hand.
package oci

import (
	"archive/tar"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"path"
	"runtime"
	"sort"
)

// Media types and annotations of the OCI image specification; the last one is
// containerd's own and holds the full name.
const (
	typeManifest = "application/vnd.oci.image.manifest.v1+json"
	typeIndex    = "application/vnd.oci.image.index.v1+json"
	typeConfig   = "application/vnd.oci.image.config.v1+json"
	typeLayer    = "application/vnd.oci.image.layer.v1.tar"
	refName      = "org.opencontainers.image.ref.name"
	imageName    = "io.containerd.image.name"
)

// nobody is the user an image runs as: no image of ours needs root.
const nobody = "65532:65532"

// Image is an image of one layer.
type Image struct {
	Name       string            // with its tag, such as tributary.dev/pause:1
	Entrypoint []string          // absolute paths and arguments
	Files      map[string][]byte // executables by absolute path
}

type descriptor struct {
	MediaType   string            `json:"mediaType"`
	Digest      string            `json:"digest"`
	Size        int               `json:"size"`
	Annotations map[string]string `json:"annotations,omitempty"`
}

type index struct {
	SchemaVersion int          `json:"schemaVersion"`
	MediaType     string       `json:"mediaType"`
	Manifests     []descriptor `json:"manifests"`
}

type manifest struct {
	SchemaVersion int          `json:"schemaVersion"`
	MediaType     string       `json:"mediaType"`
	Config        descriptor   `json:"config"`
	Layers        []descriptor `json:"layers"`
}

type config struct {
	Architecture string         `json:"architecture"`
	OS           string         `json:"os"`
	Config       map[string]any `json:"config"`
	RootFS       map[string]any `json:"rootfs"`
}

// Write writes the image as an archive. The same image gives the same bytes.
func Write(w io.Writer, image Image) error {
	layer, err := layerOf(image.Files)
	if err != nil {
		return err
	}
	layerBlob := describe(typeLayer, layer)
	configBytes, err := json.Marshal(config{
		Architecture: runtime.GOARCH,
		OS:           "linux",
		Config:       map[string]any{"Entrypoint": image.Entrypoint, "User": nobody},
		RootFS:       map[string]any{"type": "layers", "diff_ids": []string{layerBlob.Digest}},
	})
	if err != nil {
		return err
	}
	manifestBytes, err := json.Marshal(manifest{2, typeManifest, describe(typeConfig, configBytes), []descriptor{layerBlob}})
	if err != nil {
		return err
	}
	named := describe(typeManifest, manifestBytes)
	named.Annotations = map[string]string{imageName: image.Name, refName: image.Name}
	indexBytes, err := json.Marshal(index{2, typeIndex, []descriptor{named}})
	if err != nil {
		return err
	}
	archive := tar.NewWriter(w)
	files := []file{
		{"oci-layout", []byte(`{"imageLayoutVersion":"1.0.0"}`), 0o644},
		{"index.json", indexBytes, 0o644},
		{blobPath(layer), layer, 0o644},
		{blobPath(configBytes), configBytes, 0o644},
		{blobPath(manifestBytes), manifestBytes, 0o644},
	}
	if err := writeFiles(archive, files); err != nil {
		return err
	}
	return archive.Close()
}

// layerOf makes a layer of the files, with a /tmp, which many programs expect.
func layerOf(files map[string][]byte) ([]byte, error) {
	var buffer bytes.Buffer
	layer := tar.NewWriter(&buffer)
	if err := layer.WriteHeader(&tar.Header{Typeflag: tar.TypeDir, Name: "tmp/", Mode: 0o1777}); err != nil {
		return nil, err
	}
	var sorted []file
	for name, content := range files {
		sorted = append(sorted, file{path.Clean(name)[1:], content, 0o755})
	}
	sort.Slice(sorted, func(i, j int) bool { return sorted[i].name < sorted[j].name })
	if err := writeFiles(layer, sorted); err != nil {
		return nil, err
	}
	if err := layer.Close(); err != nil {
		return nil, err
	}
	return buffer.Bytes(), nil
}

type file struct {
	name    string
	content []byte
	mode    int64
}

func writeFiles(archive *tar.Writer, files []file) error {
	for _, f := range files {
		if err := archive.WriteHeader(&tar.Header{Name: f.name, Size: int64(len(f.content)), Mode: f.mode}); err != nil {
			return err
		}
		if _, err := archive.Write(f.content); err != nil {
			return err
		}
	}
	return nil
}

func describe(mediaType string, content []byte) descriptor {
	return descriptor{MediaType: mediaType, Digest: "sha256:" + digest(content), Size: len(content)}
}

func blobPath(content []byte) string { return "blobs/sha256/" + digest(content) }

func digest(content []byte) string {
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:])
}

// Names returns the image names an archive carries, in the archive's order: the
// full names of an OCI archive, or none where it holds only tags.
func Names(r io.Reader) ([]string, error) {
	archive := tar.NewReader(r)
	for {
		header, err := archive.Next()
		if err == io.EOF {
			return nil, fmt.Errorf("no index.json: not an OCI archive")
		}
		if err != nil {
			return nil, err
		}
		if path.Clean(header.Name) != "index.json" {
			continue
		}
		var found index
		if err := json.NewDecoder(io.LimitReader(archive, maxIndex)).Decode(&found); err != nil {
			return nil, fmt.Errorf("index.json: %w", err)
		}
		return namesIn(found), nil
	}
}

// maxIndex bounds index.json in bytes; one manifest takes about 300.
const maxIndex = 1 << 20

func namesIn(found index) []string {
	var names []string
	for _, m := range found.Manifests {
		name := m.Annotations[imageName]
		if name == "" {
			name = m.Annotations[refName]
		}
		if name != "" {
			names = append(names, name)
		}
	}
	return names
}
