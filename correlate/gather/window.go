package gather

import (
	"time"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/gathered"
	"github.com/wherefore-dev/wherefore/correlate/report"
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
	if w.Duration() > mostSurvey {
		w.Start = w.End.Add(-mostSurvey)
	}
	return w
}

// mostSurvey bounds what is asked about, whatever times an alert or a person
// names: the last of it is what they are asking about now.
const mostSurvey = 7 * 24 * time.Hour

// suspectWindow is where an onset may lie.
func (v *Investigation) suspectWindow() evidence.Window {
	return evidence.Window{Start: v.span.Start.Add(v.options.Lookback), End: v.span.End}
}

// cut settles the incident window and the baselines once the onset is known. The
// incident begins where the onset's interval ends, so that healthy samples dilute
// nothing; normal time ends before the interval begins. An onset that nothing was
// found in is the alert's own guess, and the incident begins there.
func (v *Investigation) cut(c *gathered.Evidence) {
	start := c.Onset.Latest
	if start.IsZero() || c.Onset.From == report.OnsetAlert {
		start = c.Onset.At
	}
	// Of samples far apart the first that departs may lie within the interval.
	by := v.by()
	if least := v.span.End.Add(-time.Duration(by.Told) * c.Step); least.Before(start) && !c.Onset.Earliest.IsZero() {
		if start = least; start.Before(c.Onset.Earliest) {
			start = c.Onset.Earliest
		}
	}
	c.Incident = evidence.Window{Start: start, End: v.span.End}
	if w := v.req.Window; !w.IsZero() {
		c.Incident = w.UTC()
	}
	before := c.Incident.Start
	if e := c.Onset.Earliest; !e.IsZero() && e.Before(before) {
		before = e
	}
	first := v.firstSeen(before)
	c.Guard = min(max(time.Duration(by.Guard)*c.Step, by.GuardLeast), before.Sub(first)/time.Duration(by.GuardPart))
	if before = before.Add(-c.Guard); before.After(v.span.Start) && before.After(first) {
		c.Baselines = append(c.Baselines, evidence.Window{Start: v.span.Start, End: before})
	}
	for _, w := range v.req.Reference {
		c.Baselines = append(c.Baselines, w.UTC())
	}
}

// firstSeen is the first instant of the survey of which anything was told before
// another instant, that instant where nothing was.
func (v *Investigation) firstSeen(before time.Time) time.Time {
	first := before
	note := func(t time.Time) {
		if t.Before(first) {
			first = t
		}
	}
	for _, m := range v.answers.metrics {
		if len(m.samples) > 0 {
			note(m.samples[0].Time)
		}
	}
	for _, t := range v.answers.traces {
		note(t.Spans[0].Start)
	}
	for _, l := range v.answers.logs {
		note(l.Time)
	}
	if first.Before(v.span.Start) {
		first = v.span.Start
	}
	return first
}
