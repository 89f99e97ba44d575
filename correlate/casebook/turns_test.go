package casebook

import (
	"fmt"
	"testing"
)

func TestAJobWakesOneWorker(t *testing.T) {
	for name, x := range map[string]struct {
		waiting      int // for jobs of any kind; one more always waits for urgent ones
		urgent       bool
		rings        int
		woken, hasty int
		others       bool // other servers are to be told
	}{
		"one job":                    {waiting: 2, rings: 1, woken: 1},
		"an urgent one":              {waiting: 2, urgent: true, rings: 1, woken: 1, hasty: 1},
		"several before anybody ran": {waiting: 2, rings: 5, woken: 1}, // who wakes the next once a job is found
		"all at work":                {rings: 1, woken: 1, others: true},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBells()
			for range x.waiting {
				_, done := b.wait(false)
				defer done()
			}
			_, done := b.wait(true)
			defer done()
			others := false
			for range x.rings {
				others = others || !b.ring(x.urgent)
			}
			if len(b.any) != x.woken || len(b.urgent) != x.hasty || others != x.others {
				t.Errorf("got %d woken, %d for urgent jobs, others told: %t; want %d, %d, %t", len(b.any), len(b.urgent), others, x.woken, x.hasty, x.others)
			}
			b.answer(false)
			if len(b.any) != 0 {
				t.Error("a ring outlives the look that it asked for")
			}
		})
	}
}

func TestNoticesAboutTheSameAreToldOnce(t *testing.T) {
	x := newNotices()
	for n := range 8 {
		x.put(notice{eventChannel, "INC-1", fmt.Sprint("step ", n)})
		x.put(notice{jobChannel, "", "one"})
	}
	x.put(notice{eventChannel, "INC-2", "begun"})
	channels, payloads := x.take()
	if got, want := fmt.Sprint(channels, payloads), "[wherefore_event wherefore_job wherefore_event] [step 7 one begun]"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	for n := range 2 * mostNotices {
		x.put(notice{eventChannel, fmt.Sprint(n), "begun"})
	}
	x.put(notice{jobChannel, "", "one"})
	if _, payloads = x.take(); len(payloads) != mostNotices+1 || payloads[mostNotices] != "one" {
		t.Errorf("got %d notices, want %d and that a job is due", len(payloads), mostNotices)
	}
}
