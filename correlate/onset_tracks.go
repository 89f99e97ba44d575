package correlate

import (
	"slices"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/stat"
)

// Traces and lines become tracks by counting in short bins; a bin with fewer
// events than this says nothing about a share or a median.
const (
	binWidth  = 15 * time.Second
	binEvents = 3
)

// leastShare is the least spread of a share of failing calls: one failure in
// fifty is not an onset.
const leastShare = 0.02

// others are the services with spans that no alert names, in order of name.
func (v *investigation) others(c *Case) []string {
	var list []string
	for _, t := range c.Traces {
		for _, s := range t.Spans {
			if at, known := slices.BinarySearch(list, s.Service); !known && !slices.Contains(c.Alerting, s.Service) {
				list = slices.Insert(list, at, s.Service)
			}
		}
	}
	return list
}

// traceTracks are, for each service's first spans in their traces, the share of
// failing ones and the median duration per bin.
func (v *investigation) traceTracks(c *Case, services []string) []track {
	var tracks []track
	for _, service := range services {
		var spans []evidence.Span
		for _, t := range c.Traces {
			if !t.Sampled {
				continue
			}
			for _, s := range t.Spans {
				if s.Service == service {
					spans = append(spans, s)
					break // spans are in order of start: the first is the entry
				}
			}
		}
		failing := v.binned(spans, func(in []evidence.Span) float64 {
			n := 0
			for _, s := range in {
				if s.Failed {
					n++
				}
			}
			return float64(n) / float64(len(in))
		})
		failing.least = leastShare
		slow := v.binned(spans, func(in []evidence.Span) float64 {
			ds := make([]float64, len(in))
			for i, s := range in {
				ds[i] = s.Duration.Seconds()
			}
			return stat.Median(ds)
		})
		slow.least = 0.001 // a millisecond
		tracks = append(tracks, failing, slow)
	}
	return tracks
}

// binned measures the spans of each bin; bins of reference windows give the
// normal values.
func (v *investigation) binned(spans []evidence.Span, measure func([]evidence.Span) float64) track {
	t := track{from: "traces"}
	spans = slices.Clone(spans)
	slices.SortStableFunc(spans, func(a, b evidence.Span) int { return a.Start.Compare(b.Start) })
	for len(spans) > 0 {
		start := v.binStart(spans[0].Start)
		n := 0
		for n < len(spans) && spans[n].Start.Before(start.Add(binWidth)) {
			n++
		}
		if n >= binEvents {
			value := measure(spans[:n])
			known := slices.ContainsFunc(v.req.Reference, func(w evidence.Window) bool { return w.Contains(start) })
			if v.span.Contains(start) && !known {
				t.samples = append(t.samples, evidence.Sample{Time: start, Value: value})
			} else {
				t.normal = append(t.normal, value)
			}
		}
		spans = spans[n:]
	}
	return t
}

// binStart is the start of the bin that an instant falls into; bins end with the
// survey, whichever side of it they lie on.
func (v *investigation) binStart(t time.Time) time.Time {
	into := t.Sub(v.span.End) % binWidth
	if into < 0 {
		into += binWidth
	}
	return t.Add(-into)
}

// logTracks count the warnings and errors of the alerting services per bin.
func (v *investigation) logTracks(c *Case) []track {
	var tracks []track
	for _, service := range c.Alerting {
		counts := map[time.Time]float64{}
		var first time.Time
		for _, l := range c.Logs {
			if l.Service != service || !v.span.Contains(l.Time) {
				continue
			}
			if first.IsZero() {
				first = v.binStart(l.Time)
			}
			if l.Severity >= evidence.SeverityWarn {
				counts[v.binStart(l.Time)]++
			}
		}
		if len(counts) == 0 {
			continue
		}
		t := track{from: "logs", least: 1}
		for at := first; at.Before(v.span.End); at = at.Add(binWidth) {
			t.samples = append(t.samples, evidence.Sample{Time: at, Value: counts[at]})
		}
		tracks = append(tracks, t)
	}
	return tracks
}
