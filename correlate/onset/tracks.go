package onset

import (
	"slices"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/gathered"
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
func (v *Finder) others(c *gathered.Evidence) []string {
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

// traceTracks are, for each service's requests, per bin: the share of failing
// ones, the median slowdown, and the share of very slow ones.
func (v *Finder) traceTracks(c *gathered.Evidence, services []string) []track {
	var tracks []track
	for _, service := range services {
		requests := v.requests(c, service)
		for _, m := range []struct {
			least   float64
			measure func([]request) float64
		}{
			{leastShare, func(in []request) float64 { return shareOf(in, func(r request) bool { return r.failed }) }},
			{leastSlowdown, medianSlowdown},
			{leastTail, func(in []request) float64 {
				return shareOf(in, func(r request) bool { return r.slowdown > tailSlowdown })
			}},
		} {
			t := v.binned(requests, m.measure)
			t.least = m.least
			tracks = append(tracks, t)
		}
	}
	return tracks
}

// binned measures the requests of each bin; bins of reference windows give the
// normal values.
func (v *Finder) binned(requests []request, measure func([]request) float64) track {
	t := track{from: "traces"}
	for len(requests) > 0 {
		start := v.binStart(requests[0].start)
		n := 0
		for n < len(requests) && requests[n].start.Before(start.Add(binWidth)) {
			n++
		}
		if n >= binEvents {
			value := measure(requests[:n])
			if v.Evidence.Survey.Contains(start) && !v.faultFree(start) {
				// A bin is known when it ends.
				t.samples = append(t.samples, evidence.Sample{Time: start.Add(binWidth), Value: value})
			} else {
				t.normal = append(t.normal, value)
			}
		}
		requests = requests[n:]
	}
	return t
}

// binStart is the start of the bin that an instant falls into; bins end with the
// survey, whichever side of it they lie on.
func (v *Finder) binStart(t time.Time) time.Time {
	into := t.Sub(v.Evidence.Survey.End) % binWidth
	if into < 0 {
		into += binWidth
	}
	return t.Add(-into)
}

// logTracks count the warnings and errors of the alerting services per bin.
func (v *Finder) logTracks(c *gathered.Evidence) []track {
	var tracks []track
	for _, service := range c.Alerting {
		counts := map[time.Time]float64{}
		var first time.Time
		for _, l := range c.Logs {
			if l.Service != service || !v.Evidence.Survey.Contains(l.Time) {
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
		for at := first; at.Before(v.Evidence.Survey.End); at = at.Add(binWidth) {
			t.samples = append(t.samples, evidence.Sample{Time: at.Add(binWidth), Value: counts[at]})
		}
		tracks = append(tracks, t)
	}
	return tracks
}
