package signal

import (
	"fmt"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/gathered"
	"github.com/wherefore-dev/wherefore/correlate/metric"
	"github.com/wherefore-dev/wherefore/correlate/report"
	"github.com/wherefore-dev/wherefore/correlate/spoken"
	"github.com/wherefore-dev/wherefore/correlate/stat"
	"github.com/wherefore-dev/wherefore/correlate/view"
	"github.com/wherefore-dev/wherefore/correlate/wording"
)

// surgeEntryRate blames the traffic itself: the requests at the entry rose, and
// those of everything behind it in proportion. A retry storm or a loop raises
// a callee's requests more than its callers'; a surge does not.
func surgeEntryRate(v *view.View) []Finding {
	w := v.Entity(evidence.Workload)
	if w < 0 {
		return nil
	}
	entry, gain, steady, behind := entryGain(v)
	if entry == nil || gain <= 0 {
		return surgeUncounted(v, w)
	}
	usual := steadyBy(v)
	if usual.both() {
		return nil // something else is counted than what comes in
	}
	f := Finding{
		Entity: w, Mechanism: report.MechanismSurge,
		Strength: stat.Squash(gain, v.By.Signal.Surge.GainHalf) * steady * stat.Squash(entry.Up-v.By.Scale.Noise, v.By.Scale.HalfClear),
		Said:     fmt.Sprintf("%s gets %s requests a second instead of %s", entry.Series.Entity, wording.TwoDigits(entry.Peak), wording.TwoDigits(entry.Median)),
		Why: fmt.Sprintf("requests to %s (%s) rose from %s to %s, and those of what it calls in proportion",
			entry.Series.Entity, entry.Series.Name, wording.Quantity(entry.Median, entry.Series.Unit), wording.Quantity(entry.Peak, entry.Series.Unit)),
		Refs: view.MetricRefs([]*view.Metric{entry}), Chart: view.ChartOf(entry), Query: gathered.QueryOf(entry.Series), Fact: entry, Over: behind,
		Loci: []report.Locus{{Kind: report.LocusMetric, Name: entry.Series.Name, Text: entry.Series.Entity}},
	}
	out := []Finding{f}
	// What else is wrong may be the load's doing, but a new way to fail or a
	// changed path through the code is not.
	other, read := newTrouble(v)
	if usual.mayBeBoth() || !read {
		out[0].Unchecked = f.Strength
	}
	if other > 0 {
		out = append(out, Finding{Entity: w, Mechanism: report.MechanismSurge, Strength: -f.Strength * other, Fact: entry, Why: "there are failures that more of the same traffic does not explain"})
	}
	return out
}

// entryGain is the busiest series of the entry whose requests rose most in
// proportion, that gain, how steady the callees' gains are to it, 0 to 1, and the
// callees' series.
func entryGain(v *view.View) (entry *view.Metric, gain, steady float64, behind []*view.Metric) {
	gains, tops := map[int]float64{}, map[int]*view.Metric{}
	for e := range v.Names {
		if f, g := requestGain(v, e); f != nil {
			gains[e], tops[e] = g, f
		}
	}
	for _, e := range countedEntries(v, tops) {
		if gains[e] > gain {
			entry, gain = tops[e], gains[e]
		}
	}
	if entry == nil {
		return nil, 0, 0, nil
	}
	by, sum, n := &v.By.Signal.Surge, 0.0, 0.0
	for e := range v.Names {
		g, ok := gains[e]
		if !ok || e == entry.Entity || !v.Reaches(entry.Entity, e) {
			continue
		}
		behind = append(behind, tops[e])
		sum += goesAlong(v, g, gain)
		n++
	}
	if n > 0 {
		return entry, gain, sum / n, behind
	}
	if steady, known := callsPerRequest(v, entry.Entity, gain); known {
		return entry, gain, steady, behind
	}
	return entry, gain, by.Alone, behind
}

// goesAlong is how well a callee's gain goes with a surge of that gain at the entry.
// Next to none is that of one that other requests reach, or that is past its limit.
// Less than in proportion is what a saturated or shedding callee shows; more is a
// retry storm or a loop behind the entry.
func goesAlong(v *view.View, gain, entry float64) float64 {
	by := &v.By.Signal.Surge
	if gain < by.Less*entry {
		return by.LessCounts
	}
	ratio := (1 + gain) / (1 + entry)
	if ratio <= by.More {
		return 1
	}
	return max(0, (by.Storm/ratio-1)/(by.Storm-1))
}

// callsPerRequest is the same by traces, for what no measure counts behind an entry:
// its requests rise by the entry's gain where each request makes as many calls as before.
// known is false where too few requests were traced on a side, or none of them
// called anybody.
func callsPerRequest(v *view.View, entry int, gain float64) (steady float64, known bool) {
	var requests [2]int
	calls := make([][2]int, len(v.Names))
	through := map[int]bool{}
	for _, i := range v.Traces.ByEntity[entry] {
		n := &v.Traces.Nodes[i]
		if n.Parent >= 0 && v.Traces.Nodes[n.Parent].Entity == entry || !v.Traces.Ranges[n.Rng].Timed {
			continue
		}
		requests[view.SideOf(v.Evidence.Traces[n.Trace].Baseline)]++
		through[n.Trace] = true
	}
	if min(requests[0], requests[1]) < v.By.View.Calls.Least {
		return 0, false
	}
	sum, n := 0.0, 0.0
	for e := range v.Names {
		if e == entry || !v.Reaches(entry, e) {
			continue
		}
		for _, i := range v.Traces.ByEntity[e] {
			if n := &v.Traces.Nodes[i]; through[n.Trace] && n.Parent >= 0 && v.Traces.Nodes[n.Parent].Entity != e {
				calls[e][view.SideOf(v.Evidence.Traces[n.Trace].Baseline)]++
			}
		}
		if calls[e][0] > 0 {
			ratio := float64(calls[e][1]) / float64(requests[1]) / (float64(calls[e][0]) / float64(requests[0]))
			sum += goesAlong(v, ratio*(1+gain)-1, gain)
			n++
		}
	}
	return sum / max(1, n), n > 0
}

// requestGain is by how much the requests of an entity rose, relative to before,
// over all series of the measure that counts most of them, and that measure's
// busiest series; nil when none counts them.
func requestGain(v *view.View, e int) (busiest *view.Metric, gain float64) {
	type sum struct {
		before, now float64
		top         *view.Metric
	}
	sums := map[string]*sum{}
	for _, i := range v.ByEnt[e] {
		f := &v.Metrics[i]
		if !f.Usable || f.Median <= 0 || !metric.CountsRequests(f.Series.Name, f.Series.Stat, f.Series.Kind) {
			continue
		}
		x := sums[f.Series.Name]
		if x == nil {
			x = &sum{}
			sums[f.Series.Name] = x
		}
		x.before += f.Median
		if f.Up > v.By.Scale.Noise {
			x.now += f.Peak
		} else {
			x.now += f.Median
		}
		if x.top == nil || f.Median > x.top.Median {
			x.top = f
		}
	}
	var best *sum
	for _, x := range sums {
		if best == nil || x.before > best.before || x.before == best.before && x.top.Series.Name < best.top.Series.Name {
			best = x
		}
	}
	if best == nil {
		return nil, 0
	}
	return best.top, best.now/best.before - 1
}

// newTrouble is the clearest sign of failure that load does not explain: a new
// error statement that is no time-out or refusal; read is false where no lines were.
func newTrouble(v *view.View) (best float64, read bool) {
	for t := range v.Logs.Templates {
		f := &v.Logs.Templates[t]
		if f.Severity >= evidence.SeverityError && f.Count[0] == 0 && f.Names < 0 && !f.Remote && !f.Says.Any(spoken.TooMuch) {
			best = max(best, rateGain(v, t))
		}
	}
	return best, len(v.Logs.Templates) > 0
}
