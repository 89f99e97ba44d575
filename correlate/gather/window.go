package gather

import (
	"time"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/gathered"
)

// surveyWindow is everything that is asked about: from the look-back before
// the earliest possible onset to the latest instant allowed.
func (v *Investigation) surveyWindow() evidence.Window {
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
	w := evidence.Window{Start: first.Add(-v.options.OnsetBefore - v.options.Lookback), End: now}.UTC()
	if w.Duration() > longestSurvey {
		w.Start = w.End.Add(-longestSurvey)
	}
	return w
}

// longestSurvey bounds what is asked about, whatever times an alert or a person
// names: the last of it is what they are asking about now.
const longestSurvey = 7 * 24 * time.Hour

// suspectWindow is where an onset may lie.
func (v *Investigation) suspectWindow() evidence.Window {
	return evidence.Window{Start: v.span.Start.Add(v.options.Lookback), End: v.span.End}
}

// cut settles the incident window and the baselines once the onset is known.
func (v *Investigation) cut(c *gathered.Evidence) {
	c.Incident = evidence.Window{Start: c.Onset.At.Add(-gathered.OnsetGuard), End: v.span.End}
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
