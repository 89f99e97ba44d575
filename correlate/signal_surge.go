package correlate

import (
	"fmt"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/stat"
)

// surgeEntryRate blames the traffic itself: the requests at the entry rose, and
// those of everything behind it in proportion. A retry storm or a loop raises
// a callee's requests more than its callers'; a surge does not.
func surgeEntryRate(v *view) []finding {
	w := v.entity(evidence.Workload)
	if w < 0 {
		return nil
	}
	entry, gain, steady := v.entryGain()
	if entry == nil || gain <= 0 {
		return nil
	}
	f := finding{
		entity: w, mechanism: MechanismSurge,
		strength: stat.Squash(gain, 1) * steady * stat.Squash(entry.up-noiseZ, halfZ/2),
		said:     fmt.Sprintf("%s gets %s requests a second instead of %s", entry.m.Entity, twoDigits(entry.peak), twoDigits(entry.median)),
		why: fmt.Sprintf("requests to %s (%s) rose from %s to %s, and those of what it calls in proportion",
			entry.m.Entity, entry.m.Name, quantity(entry.median, entry.m.Unit), quantity(entry.peak, entry.m.Unit)),
		refs: metricRefs([]*metricFact{entry}), chart: chartOf(entry), query: queryOf(entry.m), fact: entry,
		loci: []Locus{{Kind: LocusMetric, Name: entry.m.Name, Text: entry.m.Entity}},
	}
	out := []finding{f}
	// What else is wrong may be the load's doing, but a new way to fail or a
	// changed path through the code is not.
	if other := v.newTrouble(); other > 0 {
		out = append(out, finding{entity: w, mechanism: MechanismSurge, strength: -f.strength * other, fact: entry, why: "there are failures that more of the same traffic does not explain"})
	}
	return out
}

// entryGain is the busiest series of the entry whose requests rose most in
// proportion, that gain, and how steady the callees' gains are to it, 0 to 1.
func (v *view) entryGain() (entry *metricFact, gain, steady float64) {
	gains := map[int]float64{}
	for e := range v.names {
		f, g := v.requestGain(e)
		if f == nil {
			continue
		}
		gains[e] = g
		if (len(v.callers[e]) == 0 || v.alerting[e]) && g > gain {
			entry, gain = f, g
		}
	}
	if entry == nil {
		return nil, 0, 0
	}
	sum, n := 0.0, 0.0
	for e := range v.names {
		g, ok := gains[e]
		if !ok || e == entry.entity || !v.reaches(entry.entity, e) {
			continue
		}
		// Less than in proportion is what a saturated or shedding callee shows;
		// more is a retry storm or a loop behind the entry.
		switch ratio := (1 + g) / (1 + gain); {
		case ratio > 1.3:
			sum += max(0, 2/ratio-1)
		case g < 0.1*gain:
			sum += 0.5 // reached by other requests, or past its limit
		default:
			sum++
		}
		n++
	}
	if n == 0 {
		return entry, gain, 0.6
	}
	return entry, gain, sum / n
}

// requestGain is by how much the requests of an entity rose, relative to before,
// over all series of the measure that counts most of them, and that measure's
// busiest series; nil when none counts them.
func (v *view) requestGain(e int) (busiest *metricFact, gain float64) {
	type sum struct {
		before, now float64
		top         *metricFact
	}
	sums := map[string]*sum{}
	for _, i := range v.byEnt[e] {
		f := &v.metrics[i]
		if f.class != classTraffic || f.client || !f.usable || f.median <= 0 || !countsRequests(f) {
			continue
		}
		x := sums[f.m.Name]
		if x == nil {
			x = &sum{}
			sums[f.m.Name] = x
		}
		x.before += f.median
		if f.up > noiseZ {
			x.now += f.peak
		} else {
			x.now += f.median
		}
		if x.top == nil || f.median > x.top.median {
			x.top = f
		}
	}
	var best *sum
	for _, x := range sums {
		if best == nil || x.before > best.before || x.before == best.before && x.top.m.Name < best.top.m.Name {
			best = x
		}
	}
	if best == nil {
		return nil, 0
	}
	return best.top, best.now/best.before - 1
}

// countsRequests reports whether a measure of traffic counts requests, and not
// bytes, events or steps within them.
func countsRequests(f *metricFact) bool {
	if f.m.Stat == "rate" && classOf(f.m.Name) == classLatency {
		return true
	}
	for _, w := range nameWords(f.m.Name) {
		switch w {
		case "requests", "request", "req", "rps", "qps", "tps", "ops", "calls", "workload", "throughput", "hits", "invocations", "rpc", "load":
			return true
		}
	}
	return false
}

// newTrouble is the clearest sign of failure that load does not explain: a new
// error statement that is no time-out or refusal.
func (v *view) newTrouble() float64 {
	best := 0.0
	for t := range v.logs.templates {
		f := &v.logs.templates[t]
		if f.severity >= evidence.SeverityError && f.count[0] == 0 && f.names < 0 && !f.remote && !containsAny(lowerBody(v, f.line), overloadWords) {
			best = max(best, v.rateGain(t))
		}
	}
	return best
}

// overloadWords are how software says that it has too much to do.
var overloadWords = []string{"timeout", "timed out", "deadline", "overload", "too many", "queue full", "rejected", "throttl", "exhausted", "saturat", "capacity", "backpressure", "shed", "busy", "limit"}
