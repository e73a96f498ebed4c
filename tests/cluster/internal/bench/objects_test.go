package bench

import (
	"encoding/json"
	"flag"
	"testing"
)

func TestBodies(t *testing.T) {
	flunders := Flunders{group: "a.example.com", filling: "abc"}
	first := flunders.body(name("flunder", 107), 107, "")
	second := flunders.body(name("flunder", 107), 107, "42")
	var object struct {
		APIVersion string
		Metadata   struct {
			Name, ResourceVersion string
			Labels, Annotations   map[string]string
		}
	}
	if err := json.Unmarshal(second, &object); err != nil {
		t.Fatal(err)
	}
	metadata := object.Metadata
	if object.APIVersion != "a.example.com/v1alpha1" || metadata.Name != "flunder-00107" ||
		metadata.ResourceVersion != "42" || metadata.Labels["part"] != "p07" || metadata.Annotations[fill] != "abc" {
		t.Errorf("%+v", object)
	}
	if textOf(first, "resourceVersion") != "" || textOf(second, "resourceVersion") != "42" {
		t.Error("textOf")
	}
	if textOf(first, round) == textOf(second, round) || len(textOf(first, round)) != len(textOf(second, round)) {
		t.Error("a change changes something, and nothing of the size")
	}
	var patch struct {
		Metadata struct{ Annotations map[string]string }
	}
	if err := json.Unmarshal(flunders.patch(), &patch); err != nil || patch.Metadata.Annotations[round] == "" {
		t.Errorf("%+v %v", patch, err)
	}
}

func TestFiltersAndFlags(t *testing.T) {
	set := flag.NewFlagSet("bench", flag.ContinueOnError)
	settings := Define(set)
	if err := set.Parse([]string{"--short", "--objects", "500"}); err != nil {
		t.Fatal(err)
	}
	if settings.Objects != 500 || settings.Rounds != 1 || settings.Check() != nil {
		t.Errorf("%+v %v", settings, settings.Check())
	}
	for _, spoil := range []func(*Settings){
		func(s *Settings) { s.Rounds = 0 },
		func(s *Settings) { s.Objects = 1_000_000 },
		func(s *Settings) { s.Objects = 10 },
		func(s *Settings) { s.Changes = s.Objects + 1 },
	} {
		broken := *settings
		spoil(&broken)
		if broken.Check() == nil {
			t.Errorf("%+v", broken)
		}
	}
	if !chosen("", gateway) || !chosen("get", "GET one") || chosen("crd", gateway) {
		t.Error("chosen")
	}
}
