package bench

import (
	"os"
	"testing"
	"time"
)

func TestParseCPU(t *testing.T) {
	for _, c := range []struct {
		stat string
		want time.Duration
		ok   bool
	}{
		{"7 (a) S 1 7 7 0 -1 4194560 1 2 3 4 120 30 0 0 20 0 1 0", 1500 * time.Millisecond, true},
		{"7 (a) b) 9) R 1 7 7 0 -1 4194560 1 2 3 4 0 1 0 0 20 0 1 0", 10 * time.Millisecond, true},
		{"7 (a) S 1 7", 0, false},
		{"7 (a) S 1 7 7 0 -1 4194560 1 2 3 4 x 30 0", 0, false},
		{"", 0, false},
	} {
		got, err := parseCPU(c.stat)
		if got != c.want || (err == nil) != c.ok {
			t.Errorf("%q: %v %v", c.stat, got, err)
		}
	}
}

func TestParseMemory(t *testing.T) {
	for _, c := range []struct {
		status string
		want   Memory
		ok     bool
	}{
		{"Name:\tx\nVmPeak:\t 90 kB\nVmHWM:\t   70 kB\nVmRSS:\t   60 kB\n", Memory{Resident: 60, Peak: 70}, true},
		{"Name:\tx\nVmHWM:\t   70 kB\n", Memory{}, false},
		{"Name:\tx\nVmHWM:\tmany kB\nVmRSS:\t60 kB\n", Memory{}, false},
	} {
		got, err := parseMemory(c.status)
		if (err == nil) != c.ok || c.ok && got != c.want {
			t.Errorf("%q: %v %v", c.status, got, err)
		}
	}
}

func TestThisProcessIsMeasured(t *testing.T) {
	used, err := cpu(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	deadline := time.Now().Add(10 * time.Second)
	for now := used; now < used+2*tick; {
		if time.Now().After(deadline) {
			t.Fatalf("CPU stays at %v", now)
		}
		if now, err = cpu(os.Getpid()); err != nil {
			t.Fatal(err)
		}
	}
	held, err := memory(os.Getpid())
	if err != nil || held.Resident < 1024 || held.Peak < held.Resident/2 {
		t.Errorf("memory %+v %v", held, err)
	}
}
