package gathered

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/metric"
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

// Labelled says what a series measures with the labels that tell it from its
// neighbours: a truth value by its name, and a value whose label only repeats
// the metric instead of it.
func Labelled(m *Series) string {
	name := wording.Spoken(m.Name)
	words := strings.Fields(name)
	var parts []string
	for _, k := range tellingLabels(m) {
		switch val := m.Labels[k]; {
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
func QueryOf(m *Series) string {
	if m.Expr != "" && !strings.Contains(m.Expr, "__name__") {
		return m.Expr
	}
	var sel []string
	for _, k := range slices.Sorted(maps.Keys(m.Labels)) {
		sel = append(sel, k+"="+strconv.Quote(m.Labels[k]))
	}
	q := m.Name
	if len(sel) > 0 {
		q += "{" + strings.Join(sel, ",") + "}"
	}
	if m.Stat == "rate" {
		q = "rate(" + q + "[1m])"
	}
	return q
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
