package gathered

import (
	"testing"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

// TestAWrongClockPutsNothingOnTheOtherSide has a trace and a line of a service whose
// clock is off, which are of the other side by its own time.
func TestAWrongClockPutsNothingOnTheOtherSide(t *testing.T) {
	onset := time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		at, ahead time.Duration // of the request, from the onset
		incident  bool
	}{
		"during, by a slow clock": {at: 2 * time.Minute, ahead: -7 * time.Minute, incident: true},
		"before, by a fast clock": {at: -5 * time.Minute, ahead: 7 * time.Minute},
		"during, by a right one":  {at: 2 * time.Minute, incident: true},
	} {
		e := &Evidence{Incident: evidence.Window{Start: onset, End: onset.Add(4 * time.Minute)}, Baselines: []evidence.Window{{Start: onset.Add(-20 * time.Minute), End: onset}},
			Clocks: Clocks{Ahead: map[string]time.Duration{"stock": c.ahead}}}
		spans := []evidence.Span{{Service: "shop", Start: onset.Add(c.at), Duration: time.Second}, {Service: "stock", Start: onset.Add(c.at + c.ahead + time.Millisecond), Duration: time.Millisecond}}
		if c.ahead < 0 { // in order of start
			spans[0], spans[1] = spans[1], spans[0]
		}
		trace, _ := e.TraceSide(evidence.Trace{Spans: spans})
		line, _ := e.LineSide(&evidence.LogLine{Service: "stock", Time: onset.Add(c.at + c.ahead)})
		if trace != c.incident || line != c.incident {
			t.Errorf("%s: the trace is of the incident: %v, the line: %v; want %v", name, trace, line, c.incident)
		}
	}
}
