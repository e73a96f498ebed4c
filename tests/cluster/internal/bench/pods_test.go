package bench

import (
	"bytes"
	"encoding/json"
	"testing"

	core "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime"
)

func TestPodsAreOfRealisticSizeAndDistinct(t *testing.T) {
	const count = 3000
	names, uids, total := map[string]bool{}, map[string]bool{}, 0
	for index := range count {
		pod := podOf(index)
		names[pod.Namespace+"/"+pod.Name], uids[string(pod.UID)] = true, true
		encoded, err := json.Marshal(pod)
		if err != nil {
			t.Fatal(err)
		}
		total += len(encoded)
		for number, reason := range firstReasons {
			event := eventOf(index, number, reason)
			names[event.Namespace+"/"+event.Name], uids[string(event.UID)] = true, true
			if event.InvolvedObject.UID != pod.UID || event.Namespace != pod.Namespace {
				t.Fatalf("Event %s joins another Pod", event.Name)
			}
		}
	}
	if want := count * (1 + eventsOfPod); len(names) != want || len(uids) != want {
		t.Errorf("%d names and %d uids instead of %d", len(names), len(uids), want)
	}
	if size := total / count; size < 4000 || size > 5000 {
		t.Errorf("a Pod has %d bytes", size)
	}
}

func TestEncodedAsKubeAPIServerDoes(t *testing.T) {
	encoder, err := newEncoder()
	if err != nil {
		t.Fatal(err)
	}
	encoded, err := encoder.encode(podOf(7))
	if err != nil {
		t.Fatal(err)
	}
	envelope, found := bytes.CutPrefix(encoded, []byte("k8s\x00"))
	var unknown runtime.Unknown
	if err := unknown.Unmarshal(envelope); !found || err != nil {
		t.Fatalf("no envelope: %v", err)
	}
	var pod core.Pod
	if err := pod.Unmarshal(unknown.Raw); err != nil {
		t.Fatal(err)
	}
	if unknown.Kind != "Pod" || unknown.APIVersion != "v1" || pod.Name != podOf(7).Name {
		t.Errorf("%s %s %s", unknown.APIVersion, unknown.Kind, pod.Name)
	}
}
