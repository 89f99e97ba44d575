package compose

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/gathered"
	"github.com/wherefore-dev/wherefore/correlate/report"
	"github.com/wherefore-dev/wherefore/correlate/slo"
	"github.com/wherefore-dev/wherefore/correlate/wording"
)

// budgets are how the error budgets of the alerts burn, the fastest first, and
// the worst burn rate of all; none and 0 when no alert watches an objective that
// was measured.
func budgets(c *gathered.Evidence) ([]report.Budget, float64) {
	type burning struct {
		report.Budget

		worst float64
	}
	var list []burning
	for i := range c.Objectives {
		b, worst := budget(c, &c.Objectives[i])
		list = append(list, burning{b, worst})
	}
	slices.SortStableFunc(list, func(a, b burning) int { return cmp.Compare(b.worst, a.worst) })
	var out []report.Budget
	worst := 0.0
	for _, b := range list {
		out = append(out, b.Budget)
		worst = max(worst, b.worst)
	}
	return out, worst
}

// legBurn is how a budget burned over one window during the incident.
type legBurn struct {
	known        bool
	worst, now   float64
	at           time.Time // of now
	events       float64   // in the window, when counted
	counted, few bool
}

// budget is how one objective's budget burns, by the pair of windows that is
// farthest beyond its factor, and the worst rate over any window.
func budget(c *gathered.Evidence, o *slo.Objective) (report.Budget, float64) {
	out := report.Budget{SLO: o.Name, Service: o.Service, Target: o.Target, TargetFrom: o.TargetFrom, Period: o.Period, Assumed: o.Assumed}
	for _, n := range o.Notes {
		out.Notes = append(out.Notes, wording.Say("budget/note", n))
	}
	worst, best := 0.0, -1.0
	var short, long legBurn
	for ai := range o.Alternatives {
		a := &o.Alternatives[ai]
		legs := make([]legBurn, len(a.Legs))
		beyond := -1.0
		for i, l := range a.Legs {
			legs[i] = burnOf(c, o, l, a.Factor)
			worst = max(worst, legs[i].worst)
			out.Windows = withWindow(out.Windows, l.Window, legs[i])
			if x := legs[i].worst / cmp.Or(a.Factor, 1); legs[i].known && (beyond < 0 || x < beyond) {
				beyond = x
			}
		}
		if ai > 0 && beyond <= best {
			continue
		}
		best, short, long = beyond, legs[0], legs[len(legs)-1]
		out.Factor, out.Short, out.Long = a.Factor, a.Legs[0].Window, a.Legs[len(legs)-1].Window
	}
	for _, l := range o.Beside {
		out.Windows = withWindow(out.Windows, l.Window, burnOf(c, o, l, 1))
	}
	out.BurnShort, out.BurnLong = short.worst, long.worst
	slices.SortStableFunc(out.Windows, func(a, b report.BudgetWindow) int { return cmp.Compare(a.Window, b.Window) })
	if !short.known && !long.known {
		out.Notes = append(out.Notes, wording.Say("budget/unmeasured", "nothing was measured over its windows: no event, or nothing recorded"))
	}
	for i, l := range []legBurn{short, long} {
		if !l.few || i > 0 && short.few && wording.TwoDigits(short.events) == wording.TwoDigits(long.events) {
			continue
		}
		out.Notes = append(out.Notes, wording.Say("budget/few", fmt.Sprintf("too little traffic to tell: about %s events in the window, of which a single bad one burns at %s", wording.TwoDigits(l.events), burnText(1/max(l.events, 1)/(1-o.Target)))))
	}
	if !long.known {
		long = short
	}
	lasts(c, o, &out, long)
	out.Says = wording.Say("budget", says(&out, short, long))
	return out, worst
}

// withWindow adds what was measured over a window, once.
func withWindow(list []report.BudgetWindow, w time.Duration, b legBurn) []report.BudgetWindow {
	if !b.known || w <= 0 || slices.ContainsFunc(list, func(x report.BudgetWindow) bool { return x.Window == w }) {
		return list
	}
	return append(list, report.BudgetWindow{Window: w, Burn: b.now, At: b.at, Few: b.few})
}

// burnOf reads the series that a leg's expression gave.
func burnOf(c *gathered.Evidence, o *slo.Objective, l slo.Leg, factor float64) legBurn {
	var b legBurn
	other := false // what is measured is no share after all
	take := func(samples []evidence.Sample) {
		for i, s := range samples {
			x, ok := o.Burn(l, s.Value)
			if !ok {
				other = true
				return
			}
			b.known, b.worst = true, max(b.worst, x)
			if i == len(samples)-1 && (x > b.now || b.at.IsZero()) {
				b.now, b.at = x, s.Time
			}
		}
	}
	for i := range c.Metrics {
		m := &c.Metrics[i]
		if m.Stat == gathered.StatExpr && slices.Contains(c.Alerting, m.Entity) && m.Expr == l.Expr && o.IsAbout(m.Labels) {
			take(m.Incident)
		}
	}
	for _, s := range c.Budget {
		switch {
		case !o.IsAbout(s.Labels):
		case s.Expr == l.Expr:
			take(during(c, s.Samples))
		case s.Expr == l.Total && l.Total != "":
			b.counted = true
			b.events = max(b.events, eventsIn(during(c, s.Samples), l))
		}
	}
	if other {
		b.known, b.worst, b.now = false, 0, 0
	}
	b.few = b.counted && o.Target > 0 && slo.Few(b.events, o.Target, cmp.Or(factor, 1))
	return b
}

func during(c *gathered.Evidence, samples []evidence.Sample) []evidence.Sample {
	return slices.DeleteFunc(slices.Clone(samples), func(s evidence.Sample) bool {
		incident, _ := c.Side(s.Time)
		return !incident
	})
}

// eventsIn is the largest number of events in a window.
func eventsIn(samples []evidence.Sample, l slo.Leg) float64 {
	most := 0.0
	for _, s := range samples {
		most = max(most, s.Value)
	}
	if l.PerSecond {
		most *= l.Window.Seconds()
	}
	return most
}

// lasts says how long the budget lasts at the newest burn rate.
func lasts(c *gathered.Evidence, o *slo.Objective, out *report.Budget, now legBurn) {
	left := 1.0
	for _, s := range c.Budget {
		if samples := during(c, s.Samples); s.Expr == o.Left && o.Left != "" && len(samples) > 0 && o.IsAbout(s.Labels) {
			left = samples[len(samples)-1].Value
			out.Left = &left
			break
		}
	}
	if d, ok := slo.Exhaustion(left, o.Period, now.now); ok && now.known {
		out.Lasts = d
		if out.Left != nil {
			out.ExhaustedAt = now.at.Add(d).UTC().Truncate(time.Second)
		}
	}
}

// says is a budget in one sentence.
func says(b *report.Budget, short, long legBurn) string {
	var s strings.Builder
	s.WriteString("the error budget")
	if b.SLO != "" {
		s.WriteString(" of " + b.SLO)
	}
	if b.Target > 0 {
		s.WriteString(" (" + slo.Percent(b.Target) + " over " + wording.Duration(b.Period))
		if b.Assumed {
			s.WriteString(", assumed")
		}
		s.WriteString(")")
	}
	if !short.known && !long.known {
		return s.String() + " was not measured"
	}
	if worst := max(b.BurnShort, b.BurnLong); worst < 1 {
		s.WriteString(" burned at " + burnText(worst) + " the rate allowed")
	} else {
		s.WriteString(" burned up to " + burnText(worst) + " too fast")
	}
	if b.Short != b.Long && short.known && long.known {
		fmt.Fprintf(&s, " (%s over %s, %s over %s)", burnText(b.BurnShort), wording.Duration(b.Short), burnText(b.BurnLong), wording.Duration(b.Long))
	}
	switch {
	case b.Left != nil && *b.Left <= 0:
		s.WriteString("; it is used up")
	case b.Lasts == 0 || b.Lasts >= b.Period:
	case b.Left != nil:
		fmt.Fprintf(&s, "; what is left, %.0f %%, lasts %s at the newest rate", 100**b.Left, wording.Duration(b.Lasts))
	default:
		fmt.Fprintf(&s, "; a whole budget lasts %s at the newest rate", wording.Duration(b.Lasts))
	}
	return s.String()
}

func burnText(x float64) string { return wording.TwoDigits(x) + " times" }
