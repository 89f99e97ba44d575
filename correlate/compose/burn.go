package compose

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/gathered"
)

// objectiveKeys are the labels and annotations by which rule generators (Sloth,
// Pyrra, OpenSLO) say an objective, as a share or in per cent.
var objectiveKeys = []string{"objective", "slo_objective", "sloth_objective", "target", "slo_target"}

// objectiveWords is an objective said in a sentence: "objective: … in 99.5 % of
// cases".
var objectiveWords = regexp.MustCompile(`(?i)\b(?:objective|slo)\b[^%]*?(\d{2}(?:\.\d+)?)\s*%`)

// objective is the share of good events that an alert is about, 0 when it does
// not say.
func objective(a evidence.Alert) float64 {
	for _, k := range objectiveKeys {
		for _, said := range []string{a.Label(k), a.Annotation(k)} {
			if x, err := strconv.ParseFloat(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(said), "%")), 64); err == nil {
				return asShare(x)
			}
		}
	}
	for _, k := range []string{"description", "summary"} {
		if m := objectiveWords.FindStringSubmatch(a.Annotation(k)); m != nil {
			x, _ := strconv.ParseFloat(m[1], 64) // two digits at least: it parses
			return asShare(x)
		}
	}
	return 0
}

// asShare takes per cent for what they are; what no objective can be is 0.
func asShare(x float64) float64 {
	if x > 1 {
		x /= 100
	}
	if x <= 0 || x >= 1 {
		return 0
	}
	return x
}

// burnRate is how many times faster than its objective allows an alert's own
// ratio of bad events eats the error budget at worst (Google SRE workbook,
// chapter 5); 0 when there is no objective or what the rule measures is no
// ratio.
func burnRate(c *gathered.Evidence, a evidence.Alert) float64 {
	budget := 1 - objective(a)
	if budget >= 1 {
		return 0
	}
	worst := 0.0
	for i := range c.Metrics {
		m := &c.Metrics[i]
		if m.Stat != gathered.StatExpr || !slices.Contains(c.Alerting, m.Entity) {
			continue
		}
		for _, s := range m.Incident {
			if s.Value > 1 {
				return 0
			}
			worst = max(worst, s.Value)
		}
	}
	return worst / budget
}
