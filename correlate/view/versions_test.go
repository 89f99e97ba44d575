package view

import (
	"slices"
	"testing"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/weights"
)

// tally is n spans of which some fail, each of so many milliseconds.
func tally(n, failed int, ms float64) VersionTally {
	t := VersionTally{N: n, Failed: failed}
	for i := range n {
		t.Durations = append(t.Durations, (ms+float64(i%3)/10)*float64(time.Millisecond))
	}
	return t
}

func TestTwoVersionsAreHeldAgainstEachOther(t *testing.T) {
	for _, c := range []struct {
		name         string
		newer, older VersionTally
		fails, slow  bool
		alike        bool
	}{
		{"half of the new one's spans fail", tally(40, 20, 10), tally(40, 0, 10), true, false, false},
		{"one of the new one's spans fails", tally(40, 1, 10), tally(40, 0, 10), false, false, false},
		{"both fail as often", tally(40, 20, 10), tally(40, 20, 10), false, false, true},
		{"the old one fails more", tally(40, 2, 10), tally(40, 20, 10), false, false, true},
		{"neither fails", tally(40, 0, 10), tally(40, 0, 10), false, false, false},
		{"too few of the old one", tally(40, 20, 10), tally(5, 0, 10), false, false, false},
		{"a failing share that chance explains", tally(10, 2, 10), tally(10, 1, 10), false, false, true},
		{"the new one takes twice as long", tally(40, 0, 20), tally(40, 0, 10), false, true, false},
		{"the new one takes as long", tally(40, 0, 10.1), tally(40, 0, 10), false, false, false},
		{"the new one is faster", tally(40, 0, 5), tally(40, 0, 10), false, false, false},
	} {
		by := weights.Default()
		if fails, slow, alike := c.newer.FailsMore(c.older, by), c.newer.Slower(c.older, by), c.newer.Alike(c.older, by); fails > 0 != c.fails || slow > 0.1 != c.slow || alike != c.alike {
			t.Errorf("%s: got fails %.2f, slower %.2f, alike %v", c.name, fails, slow, alike)
		}
	}
}

func TestVersionsCountWhereBothRan(t *testing.T) {
	at := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	var spans []*evidence.Span
	for i := range 30 {
		version := "v1"
		if i >= 20 || i >= 10 && i%2 == 0 {
			version = "v2"
		}
		spans = append(spans, &evidence.Span{Start: at.Add(time.Duration(i) * time.Second), Attributes: map[string]string{"service.version": version}})
	}
	seq := slices.Values(spans)
	if now, old := SideBySide(seq, "v2"); now.N != 5 || old.N != 5 {
		t.Errorf("got %d spans of the new version and %d of the old, want five of either: those of the time that both ran", now.N, old.N)
	}
	if now, old := SideBySide(seq, "v3"); now.N+old.N != 0 {
		t.Errorf("got %d spans beside a version that never ran", now.N+old.N)
	}
}
