package onset

import (
	"slices"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/gathered"
	"github.com/wherefore-dev/wherefore/correlate/report"
	"github.com/wherefore-dev/wherefore/correlate/stat"
)

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
			{v.by().FailedShare, func(in []request) float64 { return shareOf(in, func(r request) bool { return r.failed }) }},
			{v.by().Slowdown, medianSlowdown},
			{v.by().TailShare, func(in []request) float64 {
				return shareOf(in, func(r request) bool { return r.slowdown > v.by().Tail })
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
func (v *Finder) widthFor(requests []request) time.Duration {
	if len(requests) < 2 {
		return v.by().Bin
	}
	gaps := make([]float64, 0, len(requests)-1)
	for i := range requests[1:] {
		gaps = append(gaps, requests[i+1].start.Sub(requests[i].start).Seconds())
	}
	wanted := time.Duration(stat.Median(gaps) * float64(v.by().Events) * float64(time.Second))
	width := v.by().Bin
	return min(width*max(1, (wanted+width-1)/width), v.by().Widest)
}

// binned measures the requests of each bin; bins of reference windows give the
// normal values.
func (v *Finder) binned(requests []request, measure func([]request) float64) track {
	width := v.widthFor(requests)
	t := track{from: report.OnsetTraces}
	for len(requests) > 0 {
		start := v.binStart(requests[0].start, width)
		n := 0
		for n < len(requests) && requests[n].start.Before(start.Add(width)) {
			n++
		}
		if n >= v.by().Events {
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
		if c.Clocks.Unclear[service] > v.by().Bin { // less moves nothing from one bin to the next but one
			continue // nobody knows when they were written
		}
		counts := map[time.Time]float64{}
		var first time.Time
		var marks []mark
		for _, l := range c.Logs {
			at := c.Clocks.At(service, l.Time)
			if l.Service != service || !v.Evidence.Survey.Contains(at) {
				continue
			}
			if first.IsZero() {
				first = v.binStart(at, v.by().Bin)
			}
			marks = append(marks, mark{at, l.Severity >= evidence.SeverityWarn})
			if l.Severity >= evidence.SeverityWarn {
				counts[v.binStart(at, v.by().Bin)]++
			}
		}
		if len(counts) == 0 {
			continue
		}
		t := track{from: report.OnsetLogs, least: 1, marks: marks}
		for at := first; at.Before(v.Evidence.Survey.End); at = at.Add(v.by().Bin) {
			t.samples = append(t.samples, evidence.Sample{Time: at.Add(v.by().Bin), Value: counts[at]})
		}
		tracks = append(tracks, t)
	}
	return tracks
}
