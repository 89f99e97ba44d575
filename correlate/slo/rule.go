package slo

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/promql"
)

// Names in labels, by Sloth, Pyrra, and by hand.
var (
	nameLabels    = []string{"sloth_slo", "slo", "slo_name"}
	serviceLabels = []string{"sloth_service", "service", "slo_service", "job"}
)

// OfAlert reads the objective of an alert with an expression; what its rule does
// not say is taken from the written objective that its labels name. The error says
// in one sentence why it has none.
func OfAlert(expr string, labels, annotations map[string]string, written []Spec) (Objective, error) {
	o := Objective{Name: short(first(labels, nameLabels)), Service: short(first(labels, serviceLabels)), Labels: labels, Period: DefaultPeriod, Assumed: true}
	alternatives, err := promql.Bounds(expr)
	if err != nil {
		return o, err //nolint:wrapcheck // its text is the whole message
	}
	target, by, wrong := TargetOf(labels, annotations)
	o.Target, o.TargetFrom = target, by
	spec, err := o.written(written)
	if err != nil {
		return o, err
	}
	if target == 0 && wrong == nil && spec != nil {
		target, o.Target, o.TargetFrom = spec.Target, spec.Target, "definition"
	}
	var inExpr []float64
	for _, bounds := range alternatives {
		var a Alternative
		for _, b := range bounds {
			r, ok := read(b, target)
			if wrong == nil {
				wrong = ofRest(b)
			}
			if !ok {
				continue
			}
			a.Legs = append(a.Legs, r.leg)
			a.Factor = max(a.Factor, r.factor)
			if r.budget > 0 && !slices.ContainsFunc(inExpr, func(x float64) bool { return near(x, r.budget) }) {
				inExpr = append(inExpr, r.budget)
			}
		}
		if len(a.Legs) > 0 {
			slices.SortStableFunc(a.Legs, func(x, y Leg) int { return cmp.Compare(x.Window, y.Window) })
			o.Alternatives = append(o.Alternatives, a)
		}
	}
	if err := o.settle(inExpr, target, wrong); err != nil {
		return o, err
	}
	o.period(labels)
	if spec != nil {
		o.definition = spec
		o.complete(spec)
	}
	if id := labels["sloth_id"]; id != "" {
		o.Left = fmt.Sprintf("slo:period_error_budget_remaining:ratio{sloth_id=%q}", id)
	} else if ours := func(l Leg) bool { return strings.HasPrefix(l.Expr, recordedShare) }; ours(o.Alternatives[0].Legs[0]) {
		o.Left = recordedLeft + selector(o.Service, o.Name)
	}
	return o, nil
}

// settle chooses among the targets of the expression and of the labels.
func (o *Objective) settle(budgets []float64, target float64, wrong error) error {
	switch {
	case len(o.Alternatives) == 0 && wrong != nil:
		return wrong
	case len(o.Alternatives) == 0:
		return errors.New("the alert compares no share of events with a number")
	case len(budgets) > 1:
		return fmt.Errorf("the alert's expression holds two objectives, %s and %s: give each an alert of its own", Percent(1-budgets[0]), Percent(1-budgets[1]))
	case len(budgets) == 1:
		o.Target, o.TargetFrom = 1-budgets[0], "expression"
		if target > 0 && !near(1-target, budgets[0]) {
			o.Notes = append(o.Notes, fmt.Sprintf("the alert says an objective of %s, its expression %s: the expression is what fires", Percent(target), Percent(o.Target)))
		}
	case target == 0 && !slices.ContainsFunc(o.Alternatives, func(a Alternative) bool { return a.Legs[0].Burned }):
		if wrong != nil {
			return wrong
		}
		return errors.New("neither the alert's labels nor its expression say an objective")
	}
	return nil
}

// period reads Pyrra's label: how long a whole budget lasts at the factor.
func (o *Objective) period(labels map[string]string) {
	d, ok := duration(labels["exhaustion"])
	if f := o.Alternatives[0].Factor; ok && f > 0 && len(o.Alternatives) == 1 {
		o.Period, o.Assumed = (time.Duration(f * float64(d))).Round(time.Hour), false
	}
}

type reading struct {
	leg            Leg
	budget, factor float64
}

// ofRest says what is wrong with the target of a budget that is written as one less
// it, nil where none is.
func ofRest(b promql.Bound) error {
	for _, n := range append([]promql.Number{b.Divisor}, b.Factors...) {
		if n.Of > 0 {
			if err := Target(1 - n.Value/n.Of); err != nil {
				return err
			}
		}
	}
	return nil
}

// largest is the largest number that is taken for a budget where it is not
// written as one less a target.
const largest = 0.2

// read reads one comparison. What the expression itself says goes first; known
// is the target that labels say, 0 for none.
func read(b promql.Bound, known float64) (reading, bool) {
	r := reading{leg: Leg{Expr: b.Expr, Window: window(b), Unit: unit(b), Total: b.Total, PerSecond: b.PerSecond}}
	names := isShare(b)
	switch {
	case b.Hurt == promql.Unknown || b.Hurt == promql.Gone || r.leg.Unit <= 0:
		return r, false
	case b.Hurt == promql.Down:
		r.leg.Good = true
		if known > 0 && names {
			r.factor = (1 - b.Value/r.leg.Unit) / (1 - known)
		}
		return r, names && b.Divisor.Value == 0 && b.Value/r.leg.Unit <= 1
	case b.Divisor.Value != 0:
		r.leg.Burned, r.factor = true, b.Value
		r.budget = inUnit(b.Divisor, b.Scale)
		ok := b.Divisor.Of > 0 || (names || recorded(b)) && (r.budget <= largest || known > 0 && near(r.budget, 1-known))
		return r, ok && r.budget > 0 && r.budget < 1
	case b.By == "slo:error_budget:ratio" || burns(b):
		r.leg.Burned, r.factor = true, b.Value
		return r, true
	}
	if r.factor, r.budget = product(b, known); r.budget > 0 {
		return r, r.budget < 1 && (names || recorded(b) || hasRest(b.Factors))
	}
	if known > 0 {
		r.factor = b.Value / r.leg.Unit / (1 - known)
	}
	return r, names && b.Value/r.leg.Unit <= 1
}

// product splits a threshold into a factor and a budget: 14.4 * (1 - 0.999), or
// 14.4 * 0.001. Nothing of it is found in a plain number.
func product(b promql.Bound, known float64) (factor, budget float64) {
	at := slices.IndexFunc(b.Factors, func(n promql.Number) bool { return n.Of > 0 })
	if at < 0 && len(b.Factors) == 2 {
		is := func(n, other promql.Number) bool {
			x := inUnit(n, b.Scale)
			return known > 0 && near(x, 1-known) || other.Value >= 1 && x > 0 && x <= largest
		}
		switch first, second := is(b.Factors[0], b.Factors[1]), is(b.Factors[1], b.Factors[0]); {
		case second:
			at = 1
		case first:
			at = 0
		}
	}
	if at < 0 || b.Factors[at].Value == 0 {
		return 0, 0
	}
	return b.Value / b.Factors[at].Value, inUnit(b.Factors[at], b.Scale)
}

// inUnit is a budget as a share.
func inUnit(n promql.Number, scale float64) float64 {
	if n.Of > 0 {
		return n.Value / n.Of
	}
	return n.Value / scale
}

// unit is what a share of 1 measures.
func unit(b promql.Bound) float64 {
	for _, n := range append([]promql.Number{b.Divisor}, b.Factors...) {
		if n.Of > 0 {
			return n.Of
		}
	}
	return b.Scale
}

func hasRest(list []promql.Number) bool {
	return slices.ContainsFunc(list, func(n promql.Number) bool { return n.Of > 0 })
}

// isShare tells that a division is measured, or a series that is recorded as one
// by the names that Prometheus' own guide gives to ratios, and Pyrra to its.
func isShare(b promql.Bound) bool {
	return b.Quotient || named(b, "ratio", "_per_", "burnrate")
}

// recorded tells a series that a rule recorded: only those have colons.
func recorded(b promql.Bound) bool { return named(b, ":") }

// burns tells a recorded burn rate: a share is never compared with 1 or more.
func burns(b promql.Bound) bool {
	return !b.Quotient && b.Value >= 1 && named(b, "burn_rate", "burnrate") && !hasRest(b.Factors) ||
		named(b, "slo:current_burn_rate:ratio", "slo:period_burn_rate:ratio")
}

func named(b promql.Bound, parts ...string) bool {
	return slices.ContainsFunc(b.Selectors, func(s promql.Selector) bool {
		return slices.ContainsFunc(parts, func(p string) bool { return strings.Contains(s.Metric, p) })
	})
}

// inName is the window at the end of a recorded series' name: of a month Pyrra's are
// 1h4m and 1d1h43m.
var inName = regexp.MustCompile(`(?:\d{1,6}(?:ms|[smhdwy])){1,6}$`)

// window is how far a bound looks back: by a label, by the name of a recorded
// series, else by its ranges.
func window(b promql.Bound) time.Duration {
	for _, s := range b.Selectors {
		for _, text := range []string{s.Equal["sloth_window"], s.Equal["window"], inName.FindString(s.Metric)} {
			if d, ok := duration(text); ok && b.Range == 0 {
				return d
			}
		}
	}
	return b.Range
}

func near(a, b float64) bool { return math.Abs(a-b) <= 1e-6*math.Max(math.Abs(a), math.Abs(b)) }

func first(labels map[string]string, keys []string) string {
	for _, k := range keys {
		if labels[k] != "" {
			return labels[k]
		}
	}
	return ""
}

// IsNamed tells that an alert's labels speak of an objective.
func IsNamed(labels map[string]string) bool {
	return first(labels, nameLabels) != "" || first(labels, said[:ofSLOs]) != ""
}
