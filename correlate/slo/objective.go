package slo

import (
	"math"
	"slices"
	"time"
)

// Objective is what an alert promises to notice and how it measures that.
type Objective struct {
	Name    string // of the SLO; empty when nobody says
	Service string
	Labels  map[string]string // of the alert
	// Target is the share of good events, 0 when only the burn rate is known.
	Target float64
	// TargetFrom is "expression", or the label or annotation that says it.
	TargetFrom string
	// Period of the budget; Assumed when the alert does not say it.
	Period  time.Duration
	Assumed bool
	// Left is a query for the share of the budget that is left, empty for none.
	Left string
	// Alternatives are the pairs of windows by which the alert fires, in order of
	// appearance; at least one.
	Alternatives []Alternative
	// Beside are windows that AddWindows added, by which no alert fires.
	Beside []Leg
	Notes  []string // what contradicts itself, for a person

	definition *Spec // nil where nobody wrote it down
}

// Alternative is one way of firing: all of its windows at once.
type Alternative struct {
	Factor float64 // 0 when the target is unknown
	Legs   []Leg   // by window, shortest first; at least one
}

// Leg is what is measured over one window.
type Leg struct {
	Expr   string
	Window time.Duration // 0 when the expression does not say it
	// Burned tells that a value is a burn rate already, Good that it is the share
	// of good events instead of bad ones.
	Burned, Good bool
	// Unit is what a share of 1 measures: 1, or 100 for per cent.
	Unit float64
	// Total is a query for the number of events, PerSecond when it is a rate;
	// empty when the expression does not hold it.
	Total     string
	PerSecond bool
}

// Burn is the burn rate that a measured value stands for, false when it can be
// none.
func (o *Objective) Burn(l Leg, value float64) (float64, bool) {
	switch {
	case math.IsNaN(value) || math.IsInf(value, 0):
		return 0, false
	case l.Burned:
		return value, value >= 0
	case o.Target == 0:
		return 0, false
	}
	bad := value / l.Unit
	if l.Good {
		bad = 1 - bad
	}
	if bad < -1e-9 || bad > 1+1e-9 {
		return 0, false
	}
	return max(bad, 0) / (1 - o.Target), true
}

// Same tells that two alerts watch the same objective by the same expressions.
func (o *Objective) Same(other *Objective) bool {
	return o.Name == other.Name && o.Service == other.Service && o.Target == other.Target && slices.Equal(o.Queries(), other.Queries())
}

// Queries are the expressions by which an objective is measured: those of the
// windows, then the numbers of events, then what is left.
func (o *Objective) Queries() []string {
	var legs, totals []string
	for _, l := range o.AllLegs() {
		legs = append(legs, l.Expr)
		if l.Total != "" {
			totals = append(totals, l.Total)
		}
	}
	if o.Left != "" {
		totals = append(totals, o.Left)
	}
	return append(legs, totals...)
}

// AllLegs are the legs of all alternatives, then those beside them.
func (o *Objective) AllLegs() []Leg {
	var list []Leg
	for _, a := range o.Alternatives {
		list = append(list, a.Legs...)
	}
	return append(list, o.Beside...)
}

// AddWindows has the objective measured over further windows, as far as an
// expression of it can be put over them or its definition gives one; a window
// that it has already is left out.
func (o *Objective) AddWindows(windows ...time.Duration) {
	for _, w := range windows {
		if slices.ContainsFunc(o.AllLegs(), func(l Leg) bool { return l.Window == w }) {
			continue
		}
		if l, ok := o.legOver(w); ok {
			o.Beside = append(o.Beside, l)
		}
	}
}

// legOver is what is measured over another window than the alert's.
func (o *Objective) legOver(w time.Duration) (Leg, bool) {
	for _, l := range o.AllLegs() {
		expr, err := Over(l.Expr, w)
		if err != nil {
			continue // recorded under a name of its own
		}
		l.Expr, l.Window = expr, w
		if l.Total != "" {
			if l.Total, err = Over(l.Total, w); err != nil {
				l.Total = ""
			}
		}
		return l, true
	}
	if o.definition == nil || o.Target == 0 {
		return Leg{}, false
	}
	expr, err := o.definition.Share(w)
	return Leg{Expr: expr, Window: w, Unit: 1}, err == nil
}

// IsAbout tells whether a measured series can be one of the alert's: no label
// that both have differs.
func (o *Objective) IsAbout(labels map[string]string) bool {
	for k, x := range labels {
		if have, both := o.Labels[k]; both && have != x {
			return false
		}
	}
	return true
}
