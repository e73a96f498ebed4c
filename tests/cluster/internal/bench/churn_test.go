package bench

import (
	"net/http"
	"slices"
	"testing"
	"time"
)

func TestWhatAnObjectOfTheViewHasSeen(t *testing.T) {
	for _, c := range []struct {
		method  string
		reasons []string
		want    bool
	}{
		{http.MethodPost, []string{"Pulled", "Reason7"}, true},
		{http.MethodPut, []string{"Pulled"}, false},
		{http.MethodDelete, []string{"Pulled", "Reason7"}, false},
		{http.MethodDelete, []string{"Pulled"}, true},
		{http.MethodDelete, nil, true},
	} {
		one := change{method: c.method, reason: "Reason7"}
		if got := one.shown(c.reasons); got != c.want {
			t.Errorf("%s, with %v: %t", c.method, c.reasons, got)
		}
	}
}

// What is chosen can be made, and no Event changes while its last change is
// under way.
func TestChangesAreOfEventsThatAreThere(t *testing.T) {
	const pods, changes = 100, 3000
	churn, err := newChurn(pods)
	if err != nil {
		t.Fatal(err)
	}
	reasons := map[string]string{}
	for _, event := range churn.events {
		reasons[churn.name(event.pod, event.number)] = event.reason
	}
	for turn := range changes {
		one := churn.choose(turn, time.Now())
		name := churn.name(one.pod, one.number)
		_, there := reasons[name]
		if there != (one.method != http.MethodPost) {
			t.Fatalf("%s of %s, which is there: %t", one.method, name, there)
		}
		if one.method == http.MethodDelete {
			if reasons[name] != one.reason {
				t.Fatalf("%s loses %s and not %s", name, one.reason, reasons[name])
			}
			delete(reasons, name)
		} else {
			reasons[name] = one.reason
		}
		if churn.ofName[name] != one {
			t.Fatalf("%s is not waited for", name)
		}
		finish(t, churn, one)
	}
	if len(churn.done) != changes || len(churn.ofName) != 0 || len(churn.events) != pods*eventsOfPod {
		t.Errorf("%d done, %d waited for, %d Events", len(churn.done), len(churn.ofName), len(churn.events))
	}
}

// finish has everybody tell of a change.
func finish(t *testing.T, churn *churn, one *change) {
	t.Helper()
	if err := churn.hearSource(time.Now(), churn.name(one.pod, one.number)); err != nil {
		t.Fatal(err)
	}
	if err := churn.hearSource(time.Now(), churn.name(one.pod, one.number)); err == nil {
		t.Error("a change is told of twice")
	}
	one.answered = time.Now()
	summary := &Summary{Events: []string{one.reason}}
	if one.method == http.MethodDelete {
		summary.Events = nil
	}
	summary.Metadata.Namespace, summary.Metadata.Name = podNamespace(one.pod), churn.names[one.pod]
	if err := churn.hear(time.Now(), summary); err != nil {
		t.Fatal(err)
	}
}

func TestQuantiles(t *testing.T) {
	var all []time.Duration
	for value := range 200 {
		all = append(all, time.Duration(value+1))
	}
	for _, c := range []struct {
		values []time.Duration
		part   float64
		want   time.Duration
	}{{all, 0.5, 100}, {all, 0.99, 198}, {all, 1, 200}, {all[:1], 0.5, 1}, {all[:1], 0.99, 1}} {
		if got := quantile(slices.Clone(c.values), c.part); got != c.want {
			t.Errorf("%v of %d: %d", c.part, len(c.values), got)
		}
	}
}
