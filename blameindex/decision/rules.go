package decision

import (
	"fmt"
	"io"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

// Queries maps the name of a condition to PromQL. Queries give Prometheus' base
// units: seconds, and ratios between 0 and 1.
type Queries map[string]string

type ruleFile struct {
	Groups []ruleGroup `yaml:"groups"`
}

type ruleGroup struct {
	Name  string      `yaml:"name"`
	Rules []alertRule `yaml:"rules"`
}

type alertRule struct {
	Alert       string            `yaml:"alert"`
	Expr        string            `yaml:"expr"`
	For         string            `yaml:"for"`
	Labels      map[string]string `yaml:"labels"`
	Annotations map[string]string `yaml:"annotations"`
}

// negated is the operator that holds when a condition does not.
func negated(op string) string {
	return map[string]string{"<": ">=", "<=": ">", ">": "<=", ">=": "<", "==": "!=", "!=": "=="}[op]
}

// WriteAlertRules writes a Prometheus rule file that fires when a decision's
// condition no longer holds, with the label service where one is named: an
// expression that aggregates leaves nothing else to tell whom the alert is about.
// It returns the conditions that have no query.
func WriteAlertRules(w io.Writer, records []Record, q Queries, service string) (unmapped []string, err error) {
	var f ruleFile
	for _, r := range records {
		if r.Deleted || r.Status == "superseded" || r.Status == "rejected" || r.SupersededBy != "" {
			continue
		}
		g := ruleGroup{Name: "decision-" + r.ID}
		for _, c := range r.How.Verify {
			expr := c.Expr
			if expr == "" {
				expr = q[c.Name]
			}
			if expr == "" {
				unmapped = append(unmapped, r.ID+": "+c.Text)
				continue
			}
			g.Rules = append(g.Rules, promiseRule(r, c, expr, service))
		}
		if len(g.Rules) > 0 {
			f.Groups = append(f.Groups, g)
		}
	}
	if f.Groups == nil {
		f.Groups = []ruleGroup{}
	}
	enc := yaml.NewEncoder(w)
	enc.SetIndent(2)
	if err := enc.Encode(f); err != nil {
		return unmapped, fmt.Errorf("write alert rules: %w", err)
	}
	return unmapped, enc.Close()
}

func promiseRule(r Record, c evidence.Condition, expr, service string) alertRule {
	labels := map[string]string{"severity": "warning", "decision_id": r.ID}
	if service != "" {
		labels["service"] = service
	}
	return alertRule{
		Alert:  "DecisionPromiseBroken",
		Expr:   "(" + strings.TrimSpace(expr) + ") " + negated(c.Op) + " " + strconv.FormatFloat(c.Value/perBaseUnit(c.Unit), 'g', -1, 64),
		For:    "5m",
		Labels: labels,
		Annotations: map[string]string{
			"summary":     "Decision " + r.ID + " promised " + noTemplate(c.Text),
			"description": noTemplate(r.Why),
			"record":      r.Path,
		},
	}
}

// noTemplate keeps text from being read as an alert template.
func noTemplate(s string) string { return strings.ReplaceAll(s, "{{", "{ {") }

func perBaseUnit(unit string) float64 {
	switch unit {
	case "ms":
		return 1000
	case "%":
		return 100
	}
	return 1
}
