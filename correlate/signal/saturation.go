package signal

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/wherefore-dev/wherefore/correlate/gathered"
	"github.com/wherefore-dev/wherefore/correlate/metric"
	"github.com/wherefore-dev/wherefore/correlate/report"
	"github.com/wherefore-dev/wherefore/correlate/view"
	"github.com/wherefore-dev/wherefore/correlate/wording"
)

// saturationBounded finds things that are used up: a pool, a queue, a quota.
// Waiting for it is the strong sign; use at its limit the other.
func saturationBounded(v *view.View) []Finding {
	var out []Finding
	by := &v.By.Signal.Saturation
	for e := range v.Names {
		facts := Worst(v, e, func(f *view.Metric) bool {
			return f.Class == metric.ClassSaturation || f.Class == metric.ClassThrottle && !f.Node
		})
		best := 0.0
		var f Finding
		if len(facts) > 0 {
			top := facts[0]
			best = top.Clarity() * ShareOfDelay(v, top)
			f = Finding{
				Said: view.Moved(top, v.Names[e]),
				Why:  fmt.Sprintf("%s of %s (%s) went from %s to %s", top.Class, v.Names[e], top.Series.Name, wording.Quantity(top.Median, top.Series.Unit), wording.Quantity(top.Peak, top.Series.Unit)),
				Refs: view.MetricRefs(facts), Chart: view.ChartOf(top), Query: gathered.QueryOf(top.Series), Fact: top,
			}
			for _, x := range facts[:min(len(facts), view.MaxRefs)] {
				f.Loci = append(f.Loci, report.Locus{Kind: report.LocusMetric, Name: x.Series.Name})
			}
		}
		if use, limit, full := fullest(v, e); full > by.Full {
			if len(facts) == 0 {
				f = Finding{Refs: view.MetricRefs([]*view.Metric{use, limit}), Chart: view.ChartOf(use), Query: gathered.QueryOf(use.Series)}
				best = by.FullAlone
			}
			best = min(1, best+by.FullMore*full)
			f.Loci = append(f.Loci, report.Locus{Kind: report.LocusMetric, Name: use.Series.Name}, report.Locus{Kind: report.LocusMetric, Name: limit.Series.Name})
			f.Said = cmp.Or(f.Said, fmt.Sprintf("%s has exhausted its %s: %s of %s", v.Names[e], wording.Spoken(limit.Series.Name), wording.Amount(use.Peak, use.Series.Unit), wording.Amount(last(limit), limit.Series.Unit)))
			f.Why = strings.TrimPrefix(fmt.Sprintf("%s; %s stands at %s of %s (%s)", f.Why, use.Series.Name, wording.Quantity(use.Peak, use.Series.Unit), wording.Quantity(last(limit), limit.Series.Unit), limit.Series.Name), "; ")
		}
		if best > 0 {
			f.Entity, f.Mechanism, f.Strength = e, report.MechanismSaturation, best
			out = append(out, f)
			if g, ok := filledByWaiting(v, e, best); ok {
				out = append(out, g)
			}
		}
	}
	return out
}

// filledByWaiting is the negative term for a limit that an entity has reached since
// what it calls answers later: by Little's law as many requests are under way as
// come times how long each takes, and where that makes as many as there is room for,
// the room is not what went wrong. A limit that was lowered is.
func filledByWaiting(v *view.View, e int, strength float64) (Finding, bool) {
	use, limit, full := fullest(v, e)
	if full <= v.By.Signal.Saturation.Full || use.Median <= 0 || last(limit) < firstValue(limit) {
		return Finding{}, false
	}
	longer, on, known := waits(v, e)
	share := min(1, use.Median*(1+longer)/last(limit))
	if !known || on < 0 || share < v.By.Signal.Saturation.Full {
		return Finding{}, false
	}
	return Finding{
		Entity: e, Fact: use, Mechanism: report.MechanismSaturation, Strength: -strength * share, Source: "traces",
		Said: fmt.Sprintf("%s waits for %s, and fills up", v.Names[e], v.Names[on]),
		Why:  fmt.Sprintf("%s waits for %s, so that its requests take %.1f times as long: that alone fills %.0f %% of %s", v.Names[e], v.Names[on], 1+longer, 100*share, limit.Series.Name),
	}, true
}

// ShareOfDelay is how much of what its entity got slower a longer wait can
// account for, 0 to 1; 1 where either is not known in seconds.
func ShareOfDelay(v *view.View, wait *view.Metric) float64 {
	slower := 0.0
	for _, i := range v.ByEnt[wait.Entity] {
		if f := &v.Metrics[i]; f.Usable && !f.Client && f.Class == metric.ClassLatency && f.Series.Unit == wait.Series.Unit {
			slower = max(slower, f.Excess())
		}
	}
	if wait.Series.Unit != "s" || slower <= 0 {
		return 1
	}
	return min(1, max(0, wait.Excess())/slower)
}

// last is the last value of a series.
func last(f *view.Metric) float64 {
	if n := len(f.Series.Incident); n > 0 {
		return f.Series.Incident[n-1].Value
	}
	if n := len(f.Series.Baseline); n > 0 {
		return f.Series.Baseline[n-1].Value
	}
	return 0
}

// fullest finds the pair of a limit and what is taken of it, told by their
// common words, that is fullest during the incident and was not before.
func fullest(v *view.View, e int) (use, limit *view.Metric, full float64) {
	by := &v.By.Signal.Saturation
	for _, i := range v.ByEnt[e] {
		l := &v.Metrics[i]
		if l.Class != metric.ClassLimit || last(l) <= 0 {
			continue
		}
		for _, j := range v.ByEnt[e] {
			u := &v.Metrics[j]
			if i == j || !u.Usable || u.Class == metric.ClassLimit || u.Class == metric.ClassSaturation || u.Class == metric.ClassLatency || u.Class == metric.ClassRestart || !sameUnit(u, l) || sharedWords(u.Series.Name, l.Series.Name) < by.Words {
				continue
			}
			was := u.Median / firstValue(l)
			if x := u.Peak / last(l); x > full && x < by.Over && was < by.Before*x {
				use, limit, full = u, l, x
			}
		}
	}
	return use, limit, min(1, full)
}

// sameUnit reports whether one series may be a part of the other: a rate is no part
// of a number of things, and bytes are none of a share. A unit that is not known
// rules nothing out but a rate.
func sameUnit(a, b *view.Metric) bool {
	x, y := a.Series.Unit, b.Series.Unit
	if strings.HasSuffix(x, "/s") != strings.HasSuffix(y, "/s") {
		return false
	}
	return x == y || plainUnit(x) || plainUnit(y)
}

// plainUnit reports a unit that says nothing, or only that things are counted.
func plainUnit(u string) bool { return u == "" || u == "1" || strings.HasPrefix(u, "{") }

func firstValue(f *view.Metric) float64 {
	if len(f.Series.Baseline) > 0 && f.Series.Baseline[0].Value != 0 {
		return f.Series.Baseline[0].Value
	}
	return last(f)
}

// sharedWords counts the leading words that two metric names share.
func sharedWords(a, b string) int {
	x, y := metric.NameWords(a), metric.NameWords(b)
	n := 0
	for n < len(x) && n < len(y) && x[n] == y[n] {
		n++
	}
	return n
}
