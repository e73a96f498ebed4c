package bench

import (
	"strings"
	"testing"
	"time"
)

func TestVerdicts(t *testing.T) {
	for _, c := range []struct {
		one, other, aim float64
		ratio, verdict  string
	}{
		{1, 8, 8, "1/8.00", "1/8 met"},
		{1, 7.99, 8, "1/7.99", "1/8 missed"},
		{0.0171, 0.43, 8, "1/25.1", "1/8 met"},
		{1, 300, 0, "1/300", ""},
		{0, 300, 8, "-", ""},
	} {
		if got := ratio(c.one, c.other); got != c.ratio {
			t.Errorf("%v of %v is %s", c.one, c.other, got)
		}
		if got := verdict(c.one, c.other, c.aim); got != c.verdict {
			t.Errorf("%v of %v is %s", c.one, c.other, got)
		}
	}
}

func TestMedian(t *testing.T) {
	for _, c := range []struct {
		values []float64
		want   float64
	}{{[]float64{3}, 3}, {[]float64{9, 1, 2}, 2}, {[]float64{4, 1, 2, 9}, 3}} {
		if got := median(c.values); got != c.want {
			t.Errorf("%v: %v", c.values, got)
		}
	}
}

func TestTablesAreNarrowAndSayWhatIsMissed(t *testing.T) {
	cost := func(milliseconds int) []Figures {
		one := Figures{done: 10, cost: time.Duration(10*milliseconds) * time.Millisecond, took: time.Second}
		slow := one
		slow.cost *= 2
		return []Figures{one, one, slow}
	}
	stage := func(resident int64) []Memory {
		return []Memory{{resident, resident}, {resident << 2, resident << 3}, {resident << 3, resident << 4}}
	}
	results := &Results{
		Settings: &Settings{Objects: 10_000, Rounds: 3},
		Servers:  []string{gateway, sample, custom},
		Cases:    Cases(),
		figures:  map[string]map[string][]Figures{},
		memory:   map[string][]Memory{gateway: stage(1000), sample: stage(100_000), custom: stage(500_000)},
		sizes:    map[string]int{gateway: 1100, sample: 1100, custom: 1101},
	}
	for _, one := range results.Cases {
		results.figures[one.Name] = map[string][]Figures{gateway: cost(1), sample: cost(10), custom: cost(20)}
	}
	var text strings.Builder
	results.Write(&text)
	for line := range strings.Lines(text.String()) {
		if len(line) > 101 {
			t.Errorf("%d columns: %s", len(line)-1, line)
		}
	}
	for _, want := range []string{
		"GET one                            1.00       10.0       20.0     1/10.0     1/20.0    1/8 met",
		"1/12 missed", "1/4 met", "100 %",
	} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("no %q in\n%s", want, text.String())
		}
	}
}
