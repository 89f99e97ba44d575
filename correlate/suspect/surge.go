package suspect

import (
	"github.com/wherefore-dev/wherefore/correlate/metric"
	"github.com/wherefore-dev/wherefore/correlate/report"
	"github.com/wherefore-dev/wherefore/correlate/stat"
)

// Surging says how surely more came in than usual, in thousandths: the requests
// of the entities that nobody calls rose, and those of the
// entity that fails at least as much. A rise that begins further in is not a
// surge: retries and fan-out raise the callees' traffic too.
func (s *Scorer) Surging(cause *report.Cause) int {
	entry, own := s.trafficRise(s.calls.IsEntry), s.trafficRise(func(e string) bool { return e == cause.Entity.Name })
	by := &s.by.Commit.None
	if entry < by.Rise || own > 0 && own < by.Rise || own > by.Further*entry {
		return 0
	}
	return min(by.RiseMost, stat.Milli((entry-1)*by.RiseScale))
}

// trafficRise is how many times its normal rate the traffic of some entities
// has, the largest of them; 0 when no series tells. What an earlier day had at the
// same hour is no rise.
func (s *Scorer) trafficRise(of func(string) bool) float64 {
	best := 0.0
	for i := range s.measures {
		f := &s.measures[i]
		if m := f.Series; !f.Usable || !of(m.Entity) || !metric.CountsRequests(m.Name, m.Stat, m.Kind) {
			continue
		}
		before := stat.Quantile(metric.Values(f.Series.Baseline), s.by.Commit.None.RisePart)
		if now := stat.Median(metric.Values(f.Series.Incident)); before > 0 {
			best = max(best, 1+(now/before-1)*f.Kept())
		}
	}
	return best
}
