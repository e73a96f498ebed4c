package bench

import (
	"strings"
	"testing"
	"time"
)

func TestDurableVerdicts(t *testing.T) {
	for _, c := range []struct {
		got, want string
	}{
		{faster(300, 100, 3), "3x met"},
		{faster(299, 100, 3), "3x missed"},
		{faster(299, 0, 3), ""},
		{faster(299, 100, 0), ""},
		{below(149.9, 150*time.Millisecond), "150 met"},
		{below(150, 150*time.Millisecond), "150 missed"},
		{below(0, 150*time.Millisecond), ""},
		{below(20, 0), ""},
		{times(450, 100), "4.50x"},
		{times(450, 0), "-"},
	} {
		if c.got != c.want {
			t.Errorf("%q instead of %q", c.got, c.want)
		}
	}
}

func TestDurableCasesAreChosen(t *testing.T) {
	for _, c := range []struct {
		only   string
		cases  int
		starts bool
	}{
		{"", 12, true}, {"durable", 12, true}, {"durable start", 0, true}, {"durable memory", 0, false},
		{"32 clients", 3, false}, {"durable merge patch", 4, false}, {"GET one", 0, false},
	} {
		settings := &Settings{Only: c.only}
		if got := len(settings.writings()); got != c.cases || settings.startsChosen() != c.starts {
			t.Errorf("%q chooses %d cases, starts: %v", c.only, got, settings.startsChosen())
		}
		if settings.durably() != (c.cases > 0 || c.starts) {
			t.Errorf("%q: %v", c.only, settings.durably())
		}
	}
}

// full results of which sample-apiserver's are ten times the gateway's, or a tenth.
func durableExample(stored int) *DurableResults {
	settings := &Settings{Stored: stored}
	results := newDurableResults(settings)
	results.disk = Disk{kind: "ext4", device: "/dev/vda", fsync: 300 * time.Microsecond}
	results.file = 200 << 20
	mine, other := &Server{Name: durableGateway}, &Server{Name: sample}
	written := func(done int) Written {
		return Written{
			Figures: Figures{done: done, cost: time.Second, etcd: time.Second, own: time.Second, took: time.Second},
			half:    time.Millisecond, most: time.Second,
		}
	}
	for _, one := range results.Cases {
		for _, done := range []int{9000, 10_000, 12_000} {
			results.add(one, mine, written(done))
			results.add(one, other, written(done/10))
		}
	}
	for _, kind := range []string{newFile, empty} {
		results.started(kind, mine, Started{ready: 20 * time.Millisecond})
	}
	for _, kind := range []string{full, killed} {
		for _, ready := range []time.Duration{time.Second, 1400 * time.Millisecond, 2 * time.Second} {
			results.started(kind, mine, Started{ready: ready, reads: ready + 200*time.Millisecond})
			results.started(kind, other, Started{ready: 2 * ready, reads: 3 * ready})
		}
	}
	results.weighed(full, mine, Memory{300 << 10, 300 << 10})
	results.weighed(full, other, Memory{1200 << 10, 1300 << 10})
	results.weighed(listed, mine, Memory{400 << 10, 400 << 10})
	results.weighed(listed, other, Memory{1200 << 10, 1300 << 10})
	results.weighed(changed, mine, Memory{500 << 10, 500 << 10})
	return results
}

func TestDurableTables(t *testing.T) {
	var text strings.Builder
	durableExample(storedAim).Write(&text)
	for line := range strings.Lines(text.String()) {
		if len(line) > 101 {
			t.Errorf("%d columns: %s", len(line)-1, line)
		}
	}
	for _, want := range []string{
		"durable: ext4 on /dev/vda; a write of 4096 bytes with fsync takes 0.300 ms\n",
		"create, 32 clients                10000       1000      10.0x     3x met       30 %       30 %\n",
		"create, 8 clients                 10000       1000      10.0x                  30 %       30 %\n",
		"create, 1 client                  0.100       1.00       1.00     1/20.0      0.100       1.00\n",
		"update, 1 client                   1.00       1.00       1000       1000\n",
		"100000 objects; the database file has 200 MiB\n",
		"empty, after SIGTERM               20.0       20.0          -          -    150 met\n",
		"all objects, after SIGTERM         1400       2000       2800       4000   1500 met\n",
		"  until an object is read          1600       2200       4200       6000 1500 missed\n",
		"all objects, after the start        300       1200     1/4.00\n",
		"after a LIST of all                 400       1200     1/3.00 1/4 missed\n",
		"half of them just changed           500          -          -\n",
	} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("no %q in\n%s", want, text.String())
		}
	}
}

// What is measured with fewer objects says nothing about the aims.
func TestAimsAreOfAllObjects(t *testing.T) {
	var text strings.Builder
	durableExample(storedAim / 2).Write(&text)
	for _, none := range []string{"1500", "1/4 "} {
		if strings.Contains(text.String(), none) {
			t.Errorf("%q in\n%s", none, text.String())
		}
	}
}
