package oci

import (
	"bytes"
	"slices"
	"strings"
	"testing"
)

func TestArchiveCarriesItsName(t *testing.T) {
	image := Image{
		Name: "tributary.dev/a:1", Entrypoint: []string{"/a"},
		Files: map[string][]byte{"/a": []byte("a"), "/b/c": []byte("c")},
	}
	var first, second bytes.Buffer
	for _, archive := range []*bytes.Buffer{&first, &second} {
		if err := Write(archive, image); err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(first.Bytes(), second.Bytes()) {
		t.Error("one image, two archives")
	}
	names, err := Names(&first)
	if err != nil || !slices.Equal(names, []string{image.Name}) {
		t.Errorf("names %v, %v", names, err)
	}
	if _, err := Names(strings.NewReader("no archive")); err == nil {
		t.Error("anything passes for an archive")
	}
}
