package gathered

import (
	"maps"
	"slices"
	"strings"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/metric"
	"github.com/wherefore-dev/wherefore/correlate/promql"
	"github.com/wherefore-dev/wherefore/correlate/wording"
)

// tellingLabels are the labels that tell a series from its neighbours, sorted.
func tellingLabels(m *Series) []string {
	var telling []string
	for _, k := range slices.Sorted(maps.Keys(m.Labels)) {
		if !slices.Contains(metric.PlaceLabels, k) && m.Labels[k] != m.Entity {
			telling = append(telling, k)
		}
	}
	return telling
}

// Spoken is what a series measures in words: of durations at a rate their count.
func Spoken(m *Series) string {
	if m.Stat == "rate" && (m.Kind == evidence.MetricHistogram || m.Kind == evidence.MetricSummary) {
		return wording.SpokenCount(m.Name)
	}
	return wording.Spoken(m.Name)
}

// AmountOf is a value of a series for a sentence, in the unit that its name tells.
func AmountOf(m *Series, x float64) string {
	if perSecond, ok := metric.TimeSpent(m.Name, m.Stat, m.Kind); ok {
		return wording.Amount(x/perSecond, "s") + " of each second"
	}
	switch {
	case m.Unit == "" && strings.HasSuffix(m.Name, "_ratio"):
		return wording.Amount(100*x, "%")
	case m.Unit == "" && m.Stat == "rate" && metric.Measured(m.Name, m.Stat, m.Kind) == metric.ClassCPU: // seconds a second
		return wording.Amount(x, "cores")
	}
	return wording.Amount(x, m.Unit)
}

// Labelled says what a series measures with the labels that tell it from its
// neighbours: a truth value by its name, and a value whose label only repeats
// the metric instead of it. What it says of a milestone stands instead of the truth.
func Labelled(m *Series) string {
	name := Spoken(m)
	words := strings.Fields(name)
	var parts []string
	if m.Says != "" {
		parts = append(parts, m.Says)
	}
	for _, k := range tellingLabels(m) {
		switch val := m.Labels[k]; {
		case m.Says != "" && (val == "true" || val == "false"):
		case val == "true":
			parts = append(parts, k)
		case val == "false":
			parts = append(parts, "not "+k)
		case slices.Contains(words, k):
			name = val
		default:
			parts = append(parts, k+" "+val)
		}
	}
	if len(parts) == 0 {
		return name
	}
	return name + " (" + strings.Join(parts, ", ") + ")"
}

// CallOf is the call that brought a series.
func CallOf(m *Series) evidence.CallID {
	if m.Expr == "" {
		return evidence.CallID{}
	}
	return evidence.CallID{Source: "metrics", Query: m.Expr}
}

// QueryOf is the PromQL that gives one series again. Series are fetched many
// in one query, by their names; what is shown asks for the one alone.
func QueryOf(m *Series) string { return queryOf([]*Series{m}) }

// QueryOfAll is the PromQL that brings the series of one metric together by an
// aggregation such as "sum".
func QueryOfAll(list []*Series, by string) string { return by + "(" + queryOf(list) + ")" }

// queryOf asks for series of one metric by their labels, each with all of the
// values that the series have; one that lacks a label has it empty, as Prometheus
// sees it. An expression that was asked is kept where it cannot be narrowed.
func queryOf(list []*Series) string {
	m := list[0]
	values := map[string][]string{}
	for _, m := range list {
		for k := range m.Labels {
			values[k] = nil
		}
	}
	for k := range values {
		for _, m := range list {
			values[k] = append(values[k], m.Labels[k])
		}
		slices.Sort(values[k])
		values[k] = slices.Compact(values[k])
	}
	asked := m.Expr
	if asked == "" || strings.Contains(asked, "__name__") { // one query for many names
		asked = promql.AllOf(m.Name)
		if m.Stat == "rate" {
			asked = "rate(" + asked + "[1m])"
		}
	}
	if narrowed, ok := promql.Narrow(asked, values); ok {
		return narrowed
	}
	return asked
}

// Titled is labelled with what was measured of a histogram.
func Titled(m *Series) string {
	if m.Stat == "" || m.Stat == "rate" || m.Stat == "expr" {
		return Labelled(m)
	}
	name := Labelled(m)
	if labels, ok := strings.CutSuffix(name, ")"); ok {
		return labels + ", " + m.Stat + ")"
	}
	return name + " (" + m.Stat + ")"
}
