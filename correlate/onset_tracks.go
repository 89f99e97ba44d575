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

// leastSlowdown is the least spread of durations, as a share of the usual ones.
const leastSlowdown = 0.1

// A fault may slow down some of the requests and leave the median where it was:
// those count that take this many times as long as usual. One of ten is not an
// onset.
const (
	tailSlowdown = 3
	leastTail    = 0.1
)

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
		kind := map[string]string{} // by trace and span ID
		for _, t := range c.Traces {
			if !t.Sampled {
				continue
			}
			for i, s := range t.Spans {
				if s.Service == service {
					spans = append(spans, s)
					kind[s.TraceID+s.SpanID] = requestKind(t.Spans[i:])
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
		usual := v.usualDurations(spans, kind)
		slow := v.binned(spans, func(in []evidence.Span) float64 {
			ratios := make([]float64, len(in))
			for i, s := range in {
				ratios[i] = s.Duration.Seconds() / usual[kind[s.TraceID+s.SpanID]]
			}
			return stat.Median(ratios)
		})
		slow.least = leastSlowdown
		tail := v.binned(spans, func(in []evidence.Span) float64 {
			n := 0
			for _, s := range in {
				if s.Duration.Seconds() > tailSlowdown*usual[kind[s.TraceID+s.SpanID]] {
					n++
				}
			}
			return float64(n) / float64(len(in))
		})
		tail.least = leastTail
		tracks = append(tracks, failing, slow, tail)
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

// requestKind is what a request asks for: the operation that receives it and the
// first one that is called in another service. Gateways often name all
// requests alike.
func requestKind(spans []evidence.Span) string {
	entry := spans[0]
	for _, s := range spans[1:] {
		if s.Service != entry.Service {
			return entry.Operation + "\x00" + s.Service + "\x00" + s.Operation
		}
	}
	return entry.Operation
}

// usualDurations are the median durations in seconds by kind of request, in
// windows known to be fault-free where these hold enough, else over all.
func (v *investigation) usualDurations(spans []evidence.Span, kind map[string]string) map[string]float64 {
	all, known := map[string][]float64{}, map[string][]float64{}
	for _, s := range spans {
		k, d := kind[s.TraceID+s.SpanID], s.Duration.Seconds()
		all[k] = append(all[k], d)
		if slices.ContainsFunc(v.req.Reference, func(w evidence.Window) bool { return w.Contains(s.Start) }) {
			known[k] = append(known[k], d)
		}
	}
	usual := make(map[string]float64, len(all))
	for k, ds := range all {
		if len(known[k]) >= minNormal {
			ds = known[k]
		}
		usual[k] = max(stat.Median(ds), durationFloor/1e3)
	}
	return usual
}
