package correlate

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// moved says what a measure of an entity did, the way a person would tell a
// colleague: by what is measured, not by the series' name, with two digits.
func moved(f *metricFact, entity string) string {
	from, to := amount(f.median, f.m.Unit), amount(f.peak, f.m.Unit)
	if from == to {
		from, to = quantity(f.median, f.m.Unit), quantity(f.peak, f.m.Unit)
	}
	instead := "instead of " + from
	if f.median == 0 {
		instead = "where there was none before"
	}
	thing := spoken(f.m.Name)
	switch {
	case f.class == classSaturation && f.m.Unit == "s":
		return fmt.Sprintf("%s waits %s for its %s %s", entity, to, withoutWords(thing, "wait", "waiting"), instead)
	case f.class == classLatency && f.m.Unit == "s" && strings.Contains(thing, "request"):
		return fmt.Sprintf("%s takes %s a request %s", entity, to, instead)
	case f.class == classLatency && f.m.Unit == "s":
		return fmt.Sprintf("%s takes %s for %s %s", entity, to, withoutWords(thing, "duration", "latency", "time"), instead)
	case f.class == classCPU && f.m.Stat == "rate": // seconds a second
		return fmt.Sprintf("%s uses %s CPU cores %s", entity, to, instead)
	case f.class == classCPU:
		return fmt.Sprintf("%s uses %s of CPU %s", entity, to, instead)
	case f.class == classGC && f.m.Unit == "By": // the size at which the collector runs next
		return fmt.Sprintf("the heap of %s %s from %s to %s", entity, cmp.Or(direction(f), "went"), from, to)
	case f.class == classMemory:
		return fmt.Sprintf("memory of %s %s from %s to %s", entity, cmp.Or(direction(f), "went"), from, to)
	case f.class == classThreads || f.class == classSockets:
		return fmt.Sprintf("%s holds %s %s %s", entity, to, thing, instead)
	}
	return fmt.Sprintf("%s of %s %s from %s to %s", thing, entity, cmp.Or(direction(f), "went"), from, to)
}

// both says two durations in seconds against each other, with as many digits
// as tell them apart.
func both(was, is float64, what string) string {
	from, to := amount(was, "s"), amount(is, "s")
	if from == to {
		from, to = quantity(was, "s"), quantity(is, "s")
	}
	return to + " " + what + " instead of " + from
}

// producesWords says what a commit does that produces what is seen.
func producesWords(entity, why string) string {
	does, _, _ := strings.Cut(why, "; ")
	return "in " + entity + " " + does
}

func direction(f *metricFact) string {
	switch {
	case f.peak > f.median:
		return "rose"
	case f.peak < f.median:
		return "fell"
	}
	return ""
}

// spoken is a metric's name without what only the naming convention puts there:
// who exports it, the unit, the kind.
func spoken(name string) string {
	words := strings.FieldsFunc(name, func(r rune) bool { return r == '_' || r == ':' || r == '.' })
	for len(words) > 1 && slices.Contains([]string{"go", "process", "memstats", "container", "node", "http"}, words[0]) {
		words = words[1:]
	}
	for len(words) > 1 && slices.Contains([]string{"total", "seconds", "milliseconds", "ms", "bytes", "ratio", "percent", "count", "sum", "bucket"}, words[len(words)-1]) {
		words = words[:len(words)-1]
	}
	if len(words) == 0 {
		return name
	}
	return strings.Join(words, " ")
}

func withoutWords(s string, drop ...string) string {
	kept := slices.DeleteFunc(strings.Fields(s), func(w string) bool { return slices.Contains(drop, w) })
	if len(kept) == 0 {
		return s
	}
	return strings.Join(kept, " ")
}

// amount is a value for a sentence: two digits that matter, no more.
func amount(x float64, unit string) string {
	switch unit {
	case "s", "By", "By/s":
		number, u, ok := strings.Cut(inUnit(x, unit), " ")
		if v, err := strconv.ParseFloat(number, 64); ok && err == nil {
			return twoDigits(v) + " " + u
		}
		return inUnit(x, unit)
	case "1/s":
		return twoDigits(x) + " a second"
	case "%":
		return twoDigits(x) + " %"
	}
	return strings.TrimSpace(twoDigits(x) + " " + unit)
}

func twoDigits(x float64) string {
	switch a := abs(x); {
	case a >= 10 || a == 0:
		return strconv.FormatFloat(x, 'f', 0, 64)
	case a >= 1:
		return strings.TrimSuffix(strconv.FormatFloat(x, 'f', 1, 64), ".0")
	}
	return strconv.FormatFloat(x, 'g', 2, 64)
}

// labelled says what a series measures with the labels that tell it from its
// neighbours: a truth value by its name, and a value whose label only repeats
// the metric instead of it.
func labelled(m *CaseMetric) string {
	name := spoken(m.Name)
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

// queryOf is the PromQL that gives one series again. Series are fetched many
// in one query, by their names; what is shown asks for the one alone.
func queryOf(m *CaseMetric) string {
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

// titled is labelled with what was measured of a histogram.
func titled(m *CaseMetric) string {
	if m.Stat == "" || m.Stat == "rate" || m.Stat == "expr" {
		return labelled(m)
	}
	name := labelled(m)
	if labels, ok := strings.CutSuffix(name, ")"); ok {
		return labels + ", " + m.Stat + ")"
	}
	return name + " (" + m.Stat + ")"
}
