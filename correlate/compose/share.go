package compose

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/gathered"
	"github.com/wherefore-dev/wherefore/correlate/metric"
	"github.com/wherefore-dev/wherefore/correlate/report"
	"github.com/wherefore-dev/wherefore/correlate/view"
	"github.com/wherefore-dev/wherefore/correlate/wording"
)

// lost is which share of what an alert counts ended badly.
type lost struct {
	ok          bool
	service     string
	name        string  // of what is counted, "ad_served"
	failed      string  // what those that ended badly are called, "ads not served"; empty when unknown
	now, before float64 // shares, 0 to 1
	compared    bool    // there is a time before
	of          *sides
	objective   bool // the alert watches an objective
}

// chart is the share over time, in percent; nil without samples.
func (l lost) chart(onset time.Time) *report.Chart {
	at := map[time.Time][2]float64{}
	for side, list := range [][]*gathered.Series{l.of.bad, l.of.all} {
		for _, m := range list {
			for _, s := range slices.Concat(m.Baseline, m.Incident) {
				sums := at[s.Time.UTC()]
				sums[side] += s.Value
				at[s.Time.UTC()] = sums
			}
		}
	}
	out := &report.Chart{Name: l.name + " that fail" + l.called(), Unit: "%"}
	for _, t := range slices.SortedFunc(maps.Keys(at), time.Time.Compare) {
		if sums := at[t]; sums[1] > 0 && !t.Before(onset.Add(-shownBefore)) {
			out.Samples = append(out.Samples, evidence.Sample{Time: t, Value: 100 * sums[0] / sums[1]})
		}
	}
	if len(out.Samples) == 0 {
		return nil
	}
	return out
}

// alone is says where no other share is the headline: what is usual stands by itself.
func (l lost) alone() []string {
	out := l.says()
	if l.compared {
		fail := "fail"
		if l.objective {
			fail = "miss it"
		}
		out[1] = wording.Say("impact/lost-before", fmt.Sprintf("usually %s of %s %s", wording.Percent(int(math.Round(perMille*l.before)), perMille), l.name, fail))
	}
	return out
}

// perMille is how fine a usual share is said.
const perMille = 1000

// says is the share as a headline and what is usual.
func (l lost) says() []string {
	fail := "failed"
	if l.objective {
		fail = "missed their objective"
	}
	out := []string{wording.Say("impact/lost", fmt.Sprintf("%s of %s %s since the onset%s", wholePercent(l.now), l.name, fail, l.called()))}
	if l.compared {
		out = append(out, wording.Say("impact/lost-before", fmt.Sprintf("usually %s do", wording.Percent(int(math.Round(perMille*l.before)), perMille))))
	}
	return out
}

// called is what those that ended badly are called, behind a sentence or a name.
func (l lost) called() string {
	if l.failed == "" {
		return ""
	}
	return " (" + l.failed + ")"
}

// wholePercent says a share above 0 as a whole number of percent, 1 at least.
func wholePercent(share float64) string { return fmt.Sprintf("%.0f %%", max(1, 100*share)) }

// sides are the counters of one thing by how it ended.
type sides struct {
	bad, all []*gathered.Series
	named    string // by a value that the alert has too, else as the series is
	ofAlert  bool
}

// countedSides groups the alerting counters that tell outcomes apart by what else
// their labels say.
func countedSides(c *gathered.Evidence) map[string]*sides {
	groups := map[string]*sides{}
	for i := range c.Metrics {
		m := &c.Metrics[i]
		o := metric.OutcomeOf(m.Labels)
		if !m.Alerting || m.Stat != "rate" || o == metric.OutcomeUnknown {
			continue
		}
		rest := maps.Clone(m.Labels)
		for k := range m.Labels {
			if metric.OutcomeOf(map[string]string{k: m.Labels[k]}) != metric.OutcomeUnknown {
				delete(rest, k)
			}
		}
		key := m.Entity + "\x00" + m.Name + "\x00" + view.LabelKey(rest)
		g := groups[key]
		if g == nil {
			g = &sides{named: gathered.Labelled(&gathered.Series{Name: m.Name, Labels: rest, Entity: m.Entity})}
			for _, k := range slices.Sorted(maps.Keys(rest)) {
				if v := rest[k]; !slices.Contains(metric.PlaceLabels, k) && v != m.Entity && !g.ofAlert && carriedBy(c.Request.Alert, v) {
					g.ofAlert, g.named = true, v
				}
			}
			groups[key] = g
		}
		g.all = append(g.all, m)
		if o == metric.OutcomeBad {
			g.bad = append(g.bad, m)
		}
	}
	maps.DeleteFunc(groups, func(_ string, g *sides) bool { return len(g.bad) == 0 || len(g.bad) == len(g.all) })
	return groups
}

// lostShare is the share of what the alerts count that ended badly since the
// onset, where both ends are counted: of what the alert names before other
// counters, then the highest. A share that was as high before is none.
func lostShare(c *gathered.Evidence) lost {
	var best lost
	bestOf := false
	groups := countedSides(c)
	for _, key := range slices.Sorted(maps.Keys(groups)) {
		g := groups[key]
		bad, all := total(g.bad, c.Onset.At), total(g.all, c.Onset.At)
		if all[1] <= 0 || bad[1] <= 0 {
			continue
		}
		one := lost{ok: true, service: g.bad[0].Entity, name: g.named, failed: g.bad[0].Says, now: bad[1] / all[1], compared: all[0] > 0, of: g}
		if one.compared {
			one.before = bad[0] / all[0]
		}
		if one.compared && one.now < c.By().Report.Rise*one.before {
			continue
		}
		if !best.ok || g.ofAlert && !bestOf || g.ofAlert == bestOf && one.now > best.now {
			best, bestOf = one, g.ofAlert
		}
	}
	return best
}

// total adds up the samples of some series before an onset and since.
func total(list []*gathered.Series, onset time.Time) (sums [2]float64) {
	for _, m := range list {
		for _, s := range slices.Concat(m.Baseline, m.Incident) {
			if !math.IsNaN(s.Value) && !math.IsInf(s.Value, 0) {
				sums[sideOf(s, onset)] += s.Value
			}
		}
	}
	return sums
}

// carriedBy reports whether a label of an alert has a value.
func carriedBy(a evidence.Alert, value string) bool {
	for _, v := range a.Labels {
		if v == value {
			return true
		}
	}
	return slices.ContainsFunc(a.Instances, func(i evidence.AlertInstance) bool {
		for _, v := range i.Labels {
			if v == value {
				return true
			}
		}
		return false
	})
}

// sideOf is 0 before an onset and 1 since.
func sideOf(s evidence.Sample, onset time.Time) int {
	if s.Time.Before(onset) {
		return 0
	}
	return 1
}

// oneSide reports whether a series is one side of what a share is told of.
func oneSide(c *gathered.Evidence, m *gathered.Series) bool {
	for _, g := range countedSides(c) {
		if slices.Contains(g.all, m) {
			return true
		}
	}
	return false
}

// watched reports whether a series is an alert's own expression while a budget or
// a counter behind it says the same in words.
func watched(c *gathered.Evidence, m *gathered.Series) bool {
	return m.Stat == gathered.StatExpr && slices.ContainsFunc(c.Metrics, func(o gathered.Series) bool {
		return o.Name == m.Name && o.Stat != gathered.StatExpr && o.Alerting && metric.OutcomeOf(o.Labels) != metric.OutcomeUnknown
	})
}
