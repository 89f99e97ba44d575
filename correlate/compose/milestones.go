package compose

import (
	"fmt"
	"strings"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/gathered"
	"github.com/wherefore-dev/wherefore/correlate/metric"
	"github.com/wherefore-dev/wherefore/correlate/report"
	"github.com/wherefore-dev/wherefore/correlate/stat"
	"github.com/wherefore-dev/wherefore/correlate/wording"
)

// milestones say what of the business was lost since the onset, the milestone of
// which most was lost first, and which step of a journey is where it began: the
// one whose service is blamed, else the first that suffers.
func milestones(c *gathered.Evidence, blamed string) []report.MilestoneImpact {
	var out []report.MilestoneImpact
	for i := range c.Milestones {
		m := &c.Milestones[i]
		bad, good, ok := counted(c, m, evidence.Window{Start: c.Onset.At, End: c.Incident.End})
		if !ok || bad+good <= 0 {
			continue
		}
		x := report.MilestoneImpact{ID: m.ID, Says: m.Says, Service: m.Service, Step: m.Step, Journey: m.Journey, Since: c.Onset.At.UTC(), Lost: bad, All: bad + good, Share: bad / (bad + good), Sampled: m.From == gathered.FromSpan}
		if b, g, ok := counted(c, m, c.Lookback()); ok && b+g > 0 {
			usual := b / (b + g)
			x.Usual = &usual
		}
		x.P99, x.UsualP99 = slowest(c, m)
		x.Hit = bad >= 1 && (x.Usual == nil || x.Share > c.By().Report.Rise**x.Usual)
		out = append(out, x)
	}
	for i := range out {
		x := &out[i]
		x.Here = x.Hit && x.Journey != "" && x.Service == blamed && blamed != ""
	}
	markFirstSteps(out)
	for i := range out {
		out[i].Says = wording.Say("impact/milestone", milestoneSays(&out[i], c.By().Report.Rise))
	}
	return out
}

// markFirstSteps marks, in journeys of which no hit step is the blamed service's,
// the first that is hit.
func markFirstSteps(list []report.MilestoneImpact) {
	for i := range list {
		x := &list[i]
		if !x.Hit || x.Journey == "" {
			continue
		}
		first := true
		for j := range list {
			o := &list[j]
			if o.Journey == x.Journey && (o.Here && j != i || o.Hit && j < i) {
				first = false
			}
		}
		x.Here = x.Here || first
	}
}

// counted is how many events of a milestone were bad and good in a window.
func counted(c *gathered.Evidence, m *gathered.Reached, w evidence.Window) (bad, good float64, ok bool) {
	if m.From == gathered.FromSpan {
		return countedSpans(c, m, w)
	}
	sum := func(series [][]evidence.Sample) (n float64) {
		for _, samples := range series {
			if m.From == gathered.FromLog {
				n += within(samples, w)
				continue
			}
			n += grown(samples, w, c.Survey.Start.Add(c.By().Report.Spaced(c.Step)))
		}
		return n
	}
	return sum(m.Bad), sum(m.Good), m.Counted
}

// within adds up what was counted from sample to sample within a window.
func within(samples []evidence.Sample, w evidence.Window) (n float64) {
	for _, s := range samples {
		if s.Time.After(w.Start) && !s.Time.After(w.End) {
			n += s.Value
		}
	}
	return n
}

// grown is by how much a counter grew within a window, through restarts. One whose
// first sample comes after begun was not there before, and grew from zero.
func grown(samples []evidence.Sample, w evidence.Window, begun time.Time) float64 {
	n := 0.0
	for i, s := range samples {
		before, isFirst := 0.0, i == 0
		if !isFirst {
			before = samples[i-1].Value
		}
		switch {
		case !s.Time.After(w.Start) || s.Time.After(w.End):
		case isFirst && !s.Time.After(begun):
		case s.Value >= before:
			n += s.Value - before
		default:
			n += s.Value // it began anew
		}
	}
	return n
}

// countedSpans counts among traces that were not picked for failing.
func countedSpans(c *gathered.Evidence, m *gathered.Reached, w evidence.Window) (bad, good float64, ok bool) {
	for s := range c.SampledSpans(w) {
		switch {
		case s.Service != m.Service:
		case marked(s, m.Milestone.Good):
			good++
		case marked(s, m.Milestone.Bad):
			bad++
		}
	}
	return bad, good, bad+good > 0
}

// marked reports whether a span has an attribute, NAME=VALUE or NAME alone.
func marked(s *evidence.Span, mark string) bool {
	name, value, valued := strings.Cut(mark, "=")
	got := s.Attribute(name)
	return got != "" && (!valued || got == value)
}

// slowest is the 99th percentile until a milestone at its worst since the onset,
// and its median before; nil where it was not measured.
func slowest(c *gathered.Evidence, m *gathered.Reached) (worst, usual *float64) {
	var before []evidence.Sample
	for _, s := range m.P99 {
		switch {
		case s.Time.Before(c.Onset.Earliest):
			before = append(before, s)
		case !s.Time.Before(c.Onset.At) && (worst == nil || s.Value > *worst):
			worst = &s.Value
		}
	}
	if len(before) > 0 {
		x := stat.Median(metric.Values(before))
		usual = &x
	}
	return worst, usual
}

// milestoneSays words what was lost: about 310 ads not served since 10:06, 42 % of
// them. A wait is told that is rise times as long as usual.
func milestoneSays(x *report.MilestoneImpact, rise float64) string {
	var s string
	if x.Sampled {
		s = fmt.Sprintf("%.0f of %.0f sampled: %s since %s", x.Lost, x.All, x.Says, x.Since.Format("15:04"))
	} else {
		s = fmt.Sprintf("about %s %s since %s", wording.TwoDigits(x.Lost), x.Says, x.Since.Format("15:04"))
	}
	s += fmt.Sprintf(", %s of them", wording.Percent(int(x.Lost+.5), int(x.All+.5)))
	if x.P99 != nil && x.UsualP99 != nil && *x.P99 > rise**x.UsualP99 {
		s += fmt.Sprintf("; %s until one is reached (99th percentile), %s before", wording.Amount(*x.P99, "s"), wording.Amount(*x.UsualP99, "s"))
	}
	if x.Here && x.Step != "" {
		s += fmt.Sprintf("; it begins at the step %s of %s", x.Step, x.Journey)
	}
	return s
}

// sayMilestones puts the words of the business first: what most was lost of is the
// headline.
func sayMilestones(out *report.Impact) {
	best := -1
	for i := range out.Milestones {
		if x := &out.Milestones[i]; x.Hit && (best < 0 || x.Lost > out.Milestones[best].Lost) {
			best = i
		}
	}
	if best < 0 {
		return
	}
	facts := []string{out.Headline}
	out.Headline = out.Milestones[best].Says
	for i := range out.Milestones {
		if x := &out.Milestones[i]; x.Hit && i != best {
			facts = append(facts, x.Says)
		}
	}
	out.Facts = append(facts, out.Facts...)
}
