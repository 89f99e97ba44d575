package gathered

import (
	"iter"
	"slices"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

// TraceSide is the side of a trace: it belongs to the incident when it was
// still running at the onset.
func (c *Evidence) TraceSide(t evidence.Trace) (incident, baseline bool) {
	first := &t.Spans[0]
	start := c.Clocks.At(first.Service, first.Start)
	if len(c.Clocks.Ahead) > 0 {
		for i := range t.Spans[1:] {
			if s := &t.Spans[i+1]; c.Clocks.At(s.Service, s.Start).Before(start) {
				first, start = s, c.Clocks.At(s.Service, s.Start)
			}
		}
	}
	if incident, baseline = c.Side(start); incident {
		return incident, baseline
	}
	end := start.Add(first.Duration)
	if start.Before(c.Incident.Start) && end.After(c.Incident.Start) && c.Incident.Contains(end) {
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

// NoNormal reports whether there is no time to compare the incident with.
func (c *Evidence) NoNormal() bool { return len(c.Baselines) == 0 && !c.Incident.IsZero() }

// Side says where an instant belongs: the incident, a baseline, or neither.
// What is declared to be free of faults is normal whatever else is thought of it.
func (c *Evidence) Side(t time.Time) (incident, baseline bool) {
	for _, w := range c.Request.Reference {
		if w.Contains(t) || t.Equal(w.End) {
			return false, true
		}
	}
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

// LineSide is the side on which a line was written.
func (c *Evidence) LineSide(l *evidence.LogLine) (incident, baseline bool) {
	return c.Side(c.Clocks.At(l.Service, l.Time))
}

// Novel reports whether what was seen so often before and during the incident
// comes at some times its normal rate or more; where the windows are not known,
// whether it is new.
func (c *Evidence) Novel(before, during int) bool {
	if before == 0 {
		return true
	}
	normal := time.Duration(0)
	for _, w := range c.Baselines {
		normal += w.Duration()
	}
	incident := c.Incident.Duration()
	return normal > 0 && incident > 0 && float64(during)*float64(normal) >= c.By().Commit.Reading.Novel*float64(before)*float64(incident)
}

// SampledSpans are the spans that began in a window, of the traces that were not
// picked for what became of them: what they show stands for all requests.
func (c *Evidence) SampledSpans(w evidence.Window) iter.Seq[*evidence.Span] {
	return func(yield func(*evidence.Span) bool) {
		for i := range c.Traces {
			t := &c.Traces[i]
			if !t.Sampled {
				continue
			}
			for j := range t.Spans {
				if s := &t.Spans[j]; w.Contains(s.Start) && !yield(s) {
					return
				}
			}
		}
	}
}

// Requests are the requests to a service in the traces that were not picked for what
// became of them: the trace, and the number of the service's first span in it, since
// spans are in order of start.
func (c *Evidence) Requests(service string) iter.Seq2[*Trace, int] {
	return func(yield func(*Trace, int) bool) {
		for i := range c.Traces {
			t := &c.Traces[i]
			if !t.Sampled {
				continue
			}
			at := slices.IndexFunc(t.Spans, func(s evidence.Span) bool { return s.Service == service })
			if at >= 0 && !yield(t, at) {
				return
			}
		}
	}
}
