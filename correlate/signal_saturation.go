package correlate

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/wherefore-dev/wherefore/correlate/stat"
)

// saturationBounded finds things that are used up: a pool, a queue, a quota.
// Waiting for it is the strong sign; use at its limit the other.
func saturationBounded(v *view) []finding {
	var out []finding
	for e := range v.names {
		facts := v.worst(e, func(f *metricFact) bool { return f.class == classSaturation || f.class == classThrottle && !f.node })
		best := 0.0
		var f finding
		if len(facts) > 0 {
			top := facts[0]
			best = stat.Squash(top.badness()-noiseZ, halfZ) * v.shareOfDelay(top)
			f = finding{
				said: moved(top, v.names[e]),
				why:  fmt.Sprintf("%s of %s (%s) went from %s to %s", top.class, v.names[e], top.m.Name, quantity(top.median, top.m.Unit), quantity(top.peak, top.m.Unit)),
				refs: metricRefs(facts), chart: chartOf(top), query: queryOf(top.m), fact: top,
			}
			for _, x := range facts[:min(len(facts), maxRefs)] {
				f.loci = append(f.loci, Locus{Kind: LocusMetric, Name: x.m.Name})
			}
		}
		if use, limit, full := v.fullest(e); full > 0.9 {
			if len(facts) == 0 {
				f = finding{refs: metricRefs([]*metricFact{use, limit}), chart: chartOf(use), query: queryOf(use.m)}
				best = 0.5
			}
			best = min(1, best+0.3*full)
			f.loci = append(f.loci, Locus{Kind: LocusMetric, Name: use.m.Name}, Locus{Kind: LocusMetric, Name: limit.m.Name})
			f.said = cmp.Or(f.said, fmt.Sprintf("%s has used up its %s: %s of %s", v.names[e], spoken(limit.m.Name), amount(use.peak, use.m.Unit), amount(limit.last(), limit.m.Unit)))
			f.why = strings.TrimPrefix(fmt.Sprintf("%s; %s stands at %s of %s (%s)", f.why, use.m.Name, quantity(use.peak, use.m.Unit), quantity(limit.last(), limit.m.Unit), limit.m.Name), "; ")
		}
		if best > 0 {
			f.entity, f.mechanism, f.strength = e, MechanismSaturation, best
			out = append(out, f)
		}
	}
	return out
}

// shareOfDelay is how much of what its entity got slower a longer wait can
// account for, 0 to 1; 1 where either is not known in seconds.
func (v *view) shareOfDelay(wait *metricFact) float64 {
	slower := 0.0
	for _, i := range v.byEnt[wait.entity] {
		if f := &v.metrics[i]; f.usable && !f.client && f.class == classLatency && f.m.Unit == wait.m.Unit {
			slower = max(slower, f.excess())
		}
	}
	if wait.m.Unit != "s" || slower <= 0 {
		return 1
	}
	return min(1, max(0, wait.excess())/slower)
}

// last is the last value of a series.
func (f *metricFact) last() float64 {
	if n := len(f.m.Incident); n > 0 {
		return f.m.Incident[n-1].Value
	}
	if n := len(f.m.Baseline); n > 0 {
		return f.m.Baseline[n-1].Value
	}
	return 0
}

// fullest finds the pair of a limit and what is taken of it, told by their
// common words, that is fullest during the incident and was not before.
func (v *view) fullest(e int) (use, limit *metricFact, full float64) {
	for _, i := range v.byEnt[e] {
		l := &v.metrics[i]
		if l.class != classLimit || l.last() <= 0 {
			continue
		}
		for _, j := range v.byEnt[e] {
			u := &v.metrics[j]
			if i == j || !u.usable || u.class == classLimit || u.class == classSaturation || u.class == classLatency || u.class == classRestart || sharedWords(u.m.Name, l.m.Name) < 2 {
				continue
			}
			was := u.median / firstValue(l)
			if x := u.peak / l.last(); x > full && x < 1.5 && was < 0.8*x {
				use, limit, full = u, l, x
			}
		}
	}
	return use, limit, min(1, full)
}

func firstValue(f *metricFact) float64 {
	if len(f.m.Baseline) > 0 && f.m.Baseline[0].Value != 0 {
		return f.m.Baseline[0].Value
	}
	return f.last()
}

// sharedWords counts the leading words that two metric names share.
func sharedWords(a, b string) int {
	x, y := nameWords(a), nameWords(b)
	n := 0
	for n < len(x) && n < len(y) && x[n] == y[n] {
		n++
	}
	return n
}
