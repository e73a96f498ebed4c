package bench

import (
	"net/http"
	"strings"
	"testing"
	"time"
)

func TestViewTablesSayWhatIsMissed(t *testing.T) {
	settings := &ViewSettings{Settings: Settings{Rounds: 1}, Pods: 50_000, Rate: 500, Duration: time.Minute}
	results := newViewResults(settings)
	results.sync = Sync{took: 31 * time.Second, gateway: 9 * time.Second, apiserver: 12 * time.Second, load: "0.50"}
	results.synced, results.changed = Memory{499 << 10, 501 << 10}, Memory{600 << 10, 700 << 10}
	results.churned = Churned{took: 2 * time.Second, cost: make([]time.Duration, 4), load: "1.50"}
	results.churned.cost[0] = time.Second
	start := time.Now()
	for index := range 1000 {
		due := start.Add(time.Duration(index) * 2 * time.Millisecond)
		results.churned.changes = append(results.churned.changes, &change{
			method: http.MethodPut, due: due, answered: due.Add(time.Millisecond),
			source: due, told: due.Add(time.Duration(1+index/10) * time.Millisecond),
		})
	}
	for _, form := range listForms {
		results.lists[form.name+viewed], results.lists[form.name+copied] = []float64{42}, []float64{40}
	}
	results.lists["Table"+viewed] = []float64{50}
	var text strings.Builder
	results.Write(&text)
	for line := range strings.Lines(text.String()) {
		if len(line) > 101 {
			t.Errorf("%d columns: %s", len(line)-1, line)
		}
	}
	for _, want := range []string{
		"first list, s                      31.0         30     missed       0.50",
		"MiB after the first list            499        500        met",
		"  peak                              501        500     missed",
		"changes of Events, 1/s              500        500        met       1.50",
		"CPU ms of g. for a change          1.00",
		"answered .. view's watch          49.00      98.00      99.00   p99 < 50     missed",
		"answered .. source's watch        -1.00      -1.00      -1.00",
		"JSON                               42.0       40.0       +5 %       10 %        met",
		"Table                              50.0       40.0      +25 %       10 %     missed",
	} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("no %q in\n%s", want, text.String())
		}
	}
}
