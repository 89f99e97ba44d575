package suspect

import (
	"slices"

	"github.com/wherefore-dev/wherefore/correlate/mechanism"
	"github.com/wherefore-dev/wherefore/correlate/report"
	"github.com/wherefore-dev/wherefore/correlate/stat"
)

// Surging says how surely more came in than usual, in thousandths: the requests
// of the entities that nobody calls rose, and those of the
// entity that fails at least as much. A rise that begins further in is not a
// surge: retries and fan-out raise the callees' traffic too.
func (s *Scorer) Surging(cause *report.Cause) int {
	entry, own := s.trafficRise(func(e string) bool { return s.isEntry(e) }), s.trafficRise(func(e string) bool { return e == cause.Entity.Name })
	by := &s.by.Commit.None
	if entry < by.Rise || own > 0 && own < by.Rise || own > by.Further*entry {
		return 0
	}
	return min(by.RiseMost, stat.Milli((entry-1)*by.RiseScale))
}

// isEntry reports whether nobody calls an entity, as far as is known.
func (s *Scorer) isEntry(entity string) bool {
	for _, callees := range s.Reach.callees {
		if slices.Contains(callees, entity) {
			return false
		}
	}
	return len(s.Reach.callees[entity]) > 0
}

// trafficRise is how many times its normal rate the traffic of some entities
// has, the largest of them; 0 when no series tells.
func (s *Scorer) trafficRise(of func(string) bool) float64 {
	best := 0.0
	for _, m := range s.Evidence.Metrics {
		if !of(m.Entity) || !isTraffic(m.Name) || len(m.Baseline) < s.by.Commit.Moved.Values || len(m.Incident) == 0 {
			continue
		}
		before := stat.Quantile(sampleValues(m.Baseline), s.by.Commit.None.RisePart)
		if now := stat.Median(sampleValues(m.Incident)); before > 0 {
			best = max(best, now/before)
		}
	}
	return best
}

// isTraffic reports whether a metric counts requests, by the words of its name.
func isTraffic(name string) bool {
	words := mechanism.Words(name)
	counts, spoils := false, false
	for i, w := range words {
		if w == "request" && i > 0 && words[i-1] == "per" {
			return false // something else, counted per request
		}
		switch w {
		case "rps", "qps", "requests", "request", "throughput", "traffic", "ops":
			counts = true
		case "error", "errors", "failed", "duration", "latency", "ratio", "ms", "size", "bytes", "inflight", "queue", "p99", "p95", "p50", "retry", "retries", "timeout", "xx", "cpu", "memory", "db", "query", "queries", "limit":
			spoils = true
		}
	}
	return counts && !spoils
}
