package onset

import (
	"slices"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/gathered"
	"github.com/wherefore-dev/wherefore/correlate/stat"
)

// request is what one trace shows of a service's first span in it.
type request struct {
	start  time.Time
	failed bool
	kind   string
	took   float64 // seconds
	// slowdown is how many times as long it took as its kind usually does, since
	// a changed mix of requests is no slowdown.
	slowdown float64
}

// requests are those of a service in traces that may be counted, in order of
// start.
func (v *Finder) requests(c *gathered.Evidence, service string) []request {
	var list []request
	if c.Clocks.Unclear[service] > v.by().Bin { // less moves nothing from one bin to the next but one
		return nil // nobody knows when they were
	}
	for t, i := range c.Requests(service) {
		s := &t.Spans[i]
		list = append(list, request{start: c.Clocks.At(service, s.Start), failed: s.Failed, kind: requestKind(t.Spans[i:]), took: s.Duration.Seconds()})
	}
	usual := v.usualDurations(list)
	for i := range list {
		list[i].slowdown = list[i].took / usual[list[i].kind]
	}
	slices.SortStableFunc(list, func(a, b request) int { return a.start.Compare(b.start) })
	return list
}

// shareOf is the share of requests for which something holds.
func shareOf(in []request, holds func(request) bool) float64 {
	n := 0
	for _, r := range in {
		if holds(r) {
			n++
		}
	}
	return float64(n) / float64(len(in))
}

func medianSlowdown(in []request) float64 {
	all := make([]float64, len(in))
	for i, r := range in {
		all[i] = r.slowdown
	}
	return stat.Median(all)
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
func (v *Finder) usualDurations(list []request) map[string]float64 {
	all, known := map[string][]float64{}, map[string][]float64{}
	for _, r := range list {
		all[r.kind] = append(all[r.kind], r.took)
		if v.faultFree(r.start) {
			known[r.kind] = append(known[r.kind], r.took)
		}
	}
	usual := make(map[string]float64, len(all))
	for k, ds := range all {
		if len(known[k]) >= v.by().Normal {
			ds = known[k]
		}
		usual[k] = max(stat.Median(ds), v.Evidence.By().View.Measure.DurationFloor/1e3)
	}
	return usual
}

// faultFree reports whether an instant lies in a window that is known to be
// free of faults.
func (v *Finder) faultFree(t time.Time) bool {
	return slices.ContainsFunc(v.Evidence.Request.Reference, func(w evidence.Window) bool { return w.Contains(t) })
}
