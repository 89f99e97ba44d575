package onset

import (
	"slices"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/gathered"
	"github.com/wherefore-dev/wherefore/correlate/stat"
)

// Traces and lines become tracks by counting in short bins; a bin with fewer
// events than this says nothing about a share or a median. Where requests come
// so seldom that a short bin would hold none, bins are as wide as it takes, up to
// a width beyond which a change could not be placed.
const (
	binWidth  = 15 * time.Second
	binWidest = 2 * time.Minute
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
		for i, m := range []struct {
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
			if i == 0 {
				t.marks = failureMarks(requests)
			}
			tracks = append(tracks, t)
		}
	}
	return tracks
}

// failureMarks are requests as marks, set where they failed.
func failureMarks(requests []request) []mark {
	marks := make([]mark, len(requests))
	for i, r := range requests {
		marks[i] = mark{r.start, r.failed}
	}
	return marks
}

// widthFor is the width of the bins in which events that come this far apart can
// be counted: the least multiple of the usual one that holds enough of them.
func widthFor(requests []request) time.Duration {
	if len(requests) < 2 {
		return binWidth
	}
	gaps := make([]float64, 0, len(requests)-1)
	for i := range requests[1:] {
		gaps = append(gaps, requests[i+1].start.Sub(requests[i].start).Seconds())
	}
	wanted := time.Duration(stat.Median(gaps) * binEvents * float64(time.Second))
	return min(binWidth*max(1, (wanted+binWidth-1)/binWidth), binWidest)
}

// binned measures the requests of each bin; bins of reference windows give the
// normal values.
func (v *Finder) binned(requests []request, measure func([]request) float64) track {
	width := widthFor(requests)
	t := track{from: "traces"}
	for len(requests) > 0 {
		start := v.binStart(requests[0].start, width)
		n := 0
		for n < len(requests) && requests[n].start.Before(start.Add(width)) {
			n++
		}
		if n >= binEvents {
			value := measure(requests[:n])
			if v.Evidence.Survey.Contains(start) && !v.faultFree(start) {
				// A bin is known when it ends.
				t.samples = append(t.samples, evidence.Sample{Time: start.Add(width), Value: value})
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
func (v *Finder) binStart(t time.Time, width time.Duration) time.Time {
	into := t.Sub(v.Evidence.Survey.End) % width
	if into < 0 {
		into += width
	}
	return t.Add(-into)
}

// logTracks count the warnings and errors of the alerting services per bin.
func (v *Finder) logTracks(c *gathered.Evidence) []track {
	var tracks []track
	for _, service := range c.Alerting {
		counts := map[time.Time]float64{}
		var first time.Time
		var marks []mark
		for _, l := range c.Logs {
			if l.Service != service || !v.Evidence.Survey.Contains(l.Time) {
				continue
			}
			if first.IsZero() {
				first = v.binStart(l.Time, binWidth)
			}
			marks = append(marks, mark{l.Time, l.Severity >= evidence.SeverityWarn})
			if l.Severity >= evidence.SeverityWarn {
				counts[v.binStart(l.Time, binWidth)]++
			}
		}
		if len(counts) == 0 {
			continue
		}
		t := track{from: "logs", least: 1, marks: marks}
		for at := first; at.Before(v.Evidence.Survey.End); at = at.Add(binWidth) {
			t.samples = append(t.samples, evidence.Sample{Time: at.Add(binWidth), Value: counts[at]})
		}
		tracks = append(tracks, t)
	}
	return tracks
}
