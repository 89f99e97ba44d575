package gathered

import (
	"time"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

// TraceSide is the side of a trace: it belongs to the incident when it was
// still running at the onset.
func (c *Evidence) TraceSide(t evidence.Trace) (incident, baseline bool) {
	if incident, baseline = c.Side(t.Spans[0].Start); incident {
		return incident, baseline
	}
	end := t.Spans[0].End()
	if t.Spans[0].Start.Before(c.Incident.Start) && end.After(c.Incident.Start) && c.Incident.Contains(end) {
		return true, false
	}
	return incident, baseline
}

// Lookback is the window of normal behaviour before the incident, zero when there is none.
func (c *Evidence) Lookback() evidence.Window {
	if len(c.Baselines) == 0 {
		return evidence.Window{}
	}
	return c.Baselines[0]
}

// Onsets are uncertain by a minute or more, whatever they are found in: samples
// come every 15 to 60 seconds, clocks differ, rates look back. What lies this
// close before an onset counts as part of the incident: a minute of normal
// behaviour in the incident dilutes the evidence, a minute of the incident
// left out may be all there is, and one among the baseline would hide it.
const OnsetGuard = 90 * time.Second

// Side says where an instant belongs: the incident, a baseline, or neither.
func (c *Evidence) Side(t time.Time) (incident, baseline bool) {
	// The end is included: samples are asked for up to and with it.
	if c.Incident.Contains(t) || t.Equal(c.Incident.End) {
		return true, false
	}
	for _, w := range c.Baselines {
		if w.Contains(t) || t.Equal(w.End) {
			return false, true
		}
	}
	return false, false
}
