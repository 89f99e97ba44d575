package correlate

import (
	"time"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

// Onsets are uncertain by a minute or more, whatever they are found in: samples
// come every 15 to 60 seconds, clocks differ, rates look back. What lies this
// close before an onset counts as part of the incident: a minute of normal
// behaviour in the incident dilutes the evidence, a minute of the incident
// left out may be all there is, and one among the baseline would hide it.
const onsetGuard = 90 * time.Second

// surveyWindow is everything that is asked about: from the look-back before
// the earliest possible onset to the latest instant allowed.
func (v *investigation) surveyWindow() evidence.Window {
	now := v.req.Now
	if now.IsZero() {
		now = v.symptom.fired
	}
	first := v.symptom.fired
	for _, t := range []time.Time{v.req.Onset, v.req.Window.Start} {
		if !t.IsZero() && t.Before(first) {
			first = t
		}
	}
	if now.Before(first) {
		now = first
	}
	if w := v.req.Window; !w.IsZero() && w.End.Before(now) {
		now = w.End
	}
	return evidence.Window{Start: first.Add(-v.options.OnsetBefore - v.options.Lookback), End: now}.UTC()
}

// suspectWindow is where an onset may lie.
func (v *investigation) suspectWindow() evidence.Window {
	return evidence.Window{Start: v.span.Start.Add(v.options.Lookback), End: v.span.End}
}

// cut settles the incident window and the baselines once the onset is known.
func (v *investigation) cut(c *Case) {
	c.Incident = evidence.Window{Start: c.Onset.At.Add(-onsetGuard), End: v.span.End}
	if w := v.req.Window; !w.IsZero() {
		c.Incident = w.UTC()
	}
	before := c.Incident.Start
	if e := c.Onset.Earliest; !e.IsZero() && e.Before(before) {
		before = e
	}
	if before.After(v.span.Start) {
		c.Baselines = append(c.Baselines, evidence.Window{Start: v.span.Start, End: before})
	}
	for _, w := range v.req.Reference {
		c.Baselines = append(c.Baselines, w.UTC())
	}
}

// side says where an instant belongs: the incident, a baseline, or neither.
func (c *Case) side(t time.Time) (incident, baseline bool) {
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
