package casebooktest

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/casebook"
	"github.com/wherefore-dev/wherefore/correlate/report"
)

// hours is by how much a clock is set.
const hours = 7 * time.Hour

func testAClockThatIsSetBackHoldsNothingUp(t *testing.T, open Open) {
	var c clock
	o := c.options()
	o.FollowUp = time.Minute
	o.Evidence = casebook.Evidence{Keep: true, Settle: time.Minute}
	b := open(t, o)
	c.advance(hours) // it is ahead
	accept(t, b, of("wh", "reported", "info", start))
	finish(t, b, next(t, b), report.Report{})
	accept(t, b, of("wh", "old", "info", start))
	c.advance(-hours) // and is set right
	for n := range 3 {
		accept(t, b, of("wh", string(rune('a'+n)), "warning", start))
		c.advance(10 * time.Minute)
	}
	begun := func(n int) (got []string) {
		for range n {
			j := next(t, b)
			got = append(got, j.Alert.GroupKey)
			finish(t, b, j, report.Report{})
		}
		return got
	}
	if got := begun(4); !slices.Contains(got, "old") {
		t.Errorf("begun were %q, want what came before the clock was set among them", got)
	}
	c.advance(3 * time.Minute) // their second looks, and that of what was reported before
	if got := begun(5); !slices.Contains(got, "reported") {
		t.Errorf("begun were %q, want the second look at what was reported before the clock was set", got)
	}
	if x, _, err := b.ClaimBundle(t.Context()); err != nil || x.Incident == "" {
		t.Errorf("got bundle %+v (%v), want the evidence that is due by the clock from before", x, err)
	}
	// Alerts of a group that was reported by the clock from before are looked at in
	// minutes, and not in hours.
	again := of("wh", "reported", "info", start)
	again.Instances[0].Fingerprint = "another"
	accept(t, b, again)
	c.advance(5 * time.Minute)
	if got := begun(1); got[0] != "reported" {
		t.Errorf("got %s, want the group that changed", got)
	}
}

func testAClockThatIsSetForwardLosesNoClaim(t *testing.T, open Open) {
	var c clock
	b := open(t, c.options())
	accept(t, b, alert("g", start))
	j := next(t, b)
	for _, by := range []time.Duration{hours, -2 * hours} {
		c.advance(by)
		if err := b.Renew(t.Context(), j); err != nil {
			t.Errorf("set by %s: %v", by, err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		if other, err := b.Next(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("set by %s: the investigation was given to another, %+v (%v)", by, other, err)
		}
		cancel()
	}
	finish(t, b, j, report.Report{})
}
