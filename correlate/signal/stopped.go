package signal

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/gathered"
	"github.com/wherefore-dev/wherefore/correlate/metric"
	"github.com/wherefore-dev/wherefore/correlate/report"
	"github.com/wherefore-dev/wherefore/correlate/stat"
	"github.com/wherefore-dev/wherefore/correlate/view"
)

// target is one place that an entity's series are collected from. All of them are
// one witness: they come in one answer, and stop together when it does not come.
type target struct {
	series, silent int
	reached        bool             // its up series ends with 1, and was not 0 as the alert fired
	down           *gathered.Series // its up series, where that fell to 0
}

// stopped are the entities of which every target fell silent, by number. What
// several unrelated ones do at once is the collection's doing, unless the
// collector itself says that it could not reach them; and whoever still answers
// calls is not gone.
func stopped(v *view.View) map[int]Finding {
	silent, down := map[int]int{}, map[int]*gathered.Series{}
	for e := range v.Names {
		targets := targetsOf(v, e)
		if n, up := allSilent(targets); n > 0 && !answers(v, e) {
			silent[e] = n
			if up != nil {
				down[e] = up
			}
		}
	}
	out := map[int]Finding{}
	for e, n := range silent { // one finding each
		f := Finding{Entity: e, Mechanism: report.MechanismAbsence}
		switch up := down[e]; {
		case up != nil:
			f.Strength = 1
			f.Said = v.Names[e] + " is down: its metrics cannot be collected"
			f.Why = fmt.Sprintf("the collector reaches none of the %d targets of %s any more (up is 0)", n, v.Names[e])
			text := "1 before, 0 at the end"
			if up.Incident[len(up.Incident)-1].Value > 0 {
				f.Said = v.Names[e] + " was down: its metrics could not be collected"
				f.Why = fmt.Sprintf("the collector reached none of the %d targets of %s (up was 0) until it came back", n, v.Names[e])
				text = "1 before, 0 as the alert fired"
			}
			f.Query, f.Refs = gathered.QueryOf(up), []evidence.Ref{{Kind: evidence.RefSeries, ID: up.Name + metric.LabelsText(up.Labels), Service: up.Entity, Text: text, By: gathered.CallOf(up)}}
			f.Loci = []report.Locus{{Kind: report.LocusMetric, Name: up.Name, Text: view.LabelKey(up.Labels)}}
		case alone(v, e, silent) && othersGoOn(v, e):
			f.Strength = stat.Squash(float64(n), v.By.Signal.Stopped.TargetsHalf)
			f.Said = v.Names[e] + " reports nothing any more"
			f.Why = fmt.Sprintf("all series of %s stop, from %d targets, while those of others go on", v.Names[e], n)
			f.Source, f.Over = "metrics", measuresOf(v, e)
		default:
			continue
		}
		out[e] = f
	}
	return out
}

// measuresOf are all measures of an entity.
func measuresOf(v *view.View, e int) []*view.Metric {
	var list []*view.Metric
	for _, i := range v.ByEnt[e] {
		list = append(list, &v.Metrics[i])
	}
	return list
}

// targetsOf are the targets that an entity's series come from, in order of label.
func targetsOf(v *view.View, e int) []target {
	byLabel := map[string]*target{}
	var order []string
	for _, i := range v.ByEnt[e] {
		m := v.Metrics[i].Series
		if m.Stat == gathered.StatExpr || metric.Bookkeeping(m.Name) && m.Name != "up" {
			continue
		}
		at := cmp.Or(m.Labels["instance"], m.Labels["pod"], m.Labels["job"])
		t := byLabel[at]
		if t == nil {
			t = &target{}
			byLabel[at], order = t, append(order, at)
		}
		if m.Name == "up" {
			if fellToZero(v, m) {
				t.down = m
			} else if n := len(m.Incident); n > 0 && m.Incident[n-1].Value > 0 {
				t.reached = true
			}
			continue
		}
		if len(m.Baseline) < v.By.View.Measure.Baseline {
			continue
		}
		t.series++
		if ended(v, m) {
			t.silent++
		}
	}
	slices.Sort(order)
	var list []target
	for _, at := range order {
		list = append(list, *byLabel[at])
	}
	return list
}

// allSilent is how many targets there are if none of them is heard of; 0 if any
// is. Where the collector says which of them it reaches, that decides, and up is a
// series that says so; else that all series have ended.
func allSilent(targets []target) (n int, up *gathered.Series) {
	told, silent := 0, 0
	for _, t := range targets {
		switch {
		case t.reached:
			return 0, nil
		case t.down != nil:
			told, up = told+1, t.down
		case t.series > 0 && t.silent == t.series:
			silent++
		case t.series > 0:
			n++ // summed over targets, or one that is heard of
		}
	}
	switch {
	case told > 0:
		return told, up
	case n > 0:
		return 0, nil
	}
	return silent, nil
}

// fellToZero reports whether an up series was 1 and is 0 as the alert fires, or at
// the end: what was started again meanwhile was gone all the same.
func fellToZero(v *view.View, m *gathered.Series) bool {
	n := len(m.Incident)
	if n == 0 || !slices.ContainsFunc(m.Baseline, func(s evidence.Sample) bool { return s.Value > 0 }) {
		return false
	}
	fired := m.Incident[n-1]
	for _, s := range slices.Backward(m.Incident) {
		if !s.Time.After(v.Evidence.FiredAt) {
			fired = s
			break
		}
	}
	return m.Incident[n-1].Value == 0 || fired.Value == 0
}

// ended reports whether a series has no more samples at the end of the incident,
// by more than some times the longest gap that it had before.
func ended(v *view.View, m *gathered.Series) bool {
	gap := v.Evidence.Step
	for i := 1; i < len(m.Baseline); i++ {
		gap = max(gap, m.Baseline[i].Time.Sub(m.Baseline[i-1].Time))
	}
	return v.Evidence.Incident.End.Sub(lastSample(m)) > time.Duration(v.By.Signal.Stopped.Gaps)*gap || len(m.Incident) == 0 && v.Evidence.Step == 0
}

func lastSample(m *gathered.Series) time.Time {
	if n := len(m.Incident); n > 0 {
		return m.Incident[n-1].Time
	}
	return m.Baseline[len(m.Baseline)-1].Time
}

// answers reports whether an entity had spans in the last part of the incident.
func answers(v *view.View, e int) bool {
	w := v.Evidence.Incident
	late := w.End.Add(-time.Duration(v.By.Signal.Stopped.Late * float64(w.Duration())))
	return slices.ContainsFunc(v.Traces.ByEntity[e], func(j int) bool { return v.Traces.Nodes[j].Span.Start.After(late) })
}

// alone reports whether no entity fell silent that one neither calls nor is
// called by.
func alone(v *view.View, e int, silent map[int]int) bool {
	for other := range silent { // any of them
		if other != e && !v.Reaches(e, other) && !v.Reaches(other, e) {
			return false
		}
	}
	return true
}

// othersGoOn reports whether most series of other entities have samples at the end
// of the incident, so that silence is not the collector's.
func othersGoOn(v *view.View, e int) bool {
	live, all := 0, 0
	for i := range v.Metrics {
		f := &v.Metrics[i]
		if f.Entity != e && len(f.Series.Baseline) >= v.By.View.Measure.Baseline && !metric.Bookkeeping(f.Series.Name) {
			all++
			if !ended(v, f.Series) {
				live++
			}
		}
	}
	return all > 0 && float64(live) > v.By.Signal.Stopped.Live*float64(all)
}
