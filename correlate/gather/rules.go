package gather

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/wherefore-dev/wherefore/correlate/ask"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/metric"
	"github.com/wherefore-dev/wherefore/correlate/promql"
)

// resolveRules finds the rule behind each alert and reads what it measures and
// whom it is about. Without a rule the expression is taken from the generator
// URL, which is parsed and never fetched.
func (v *Investigation) resolveRules(ctx context.Context, s *symptom) {
	var all []evidence.Rule
	if v.sources.Rules == nil {
		v.Ledger.Absent("rules", evidence.TopicRules)
	} else {
		all, _ = ask.Put(ctx, v.Asker, ask.Question{Source: "rules", Topic: evidence.TopicRules, First: true}, func(ctx context.Context) ask.Answer[[]evidence.Rule] {
			rules, err := v.sources.Rules.Rules(ctx)
			return ask.Many(rules, false, err)
		})
	}
	x := expressions{}
	s.hurt, s.levels, s.limits, s.raised = map[string]int{}, map[string]int{}, map[string]*float64{}, map[string][]map[string]string{}
	for _, i := range v.req.Alert.Instances {
		rule := x.ruleOf(i, v.req.Alert.Labels, all)
		text := metric.ExprOf(i.GeneratorURL)
		if rule != nil {
			text = rule.Expr
			if !slices.ContainsFunc(s.rules, func(have evidence.Rule) bool { return sameRule(have, *rule) }) {
				s.rules = append(s.rules, *rule)
			}
			s.hold = max(s.hold, rule.For)
		}
		_, seen := x[text]
		e, err := x.read(text)
		if err != nil && !seen && text != "" {
			v.Ledger.Unresolved("rules", evidence.TopicRuleMeasure, "", fmt.Sprintf("its expression is not PromQL: %v", err))
		}
		s.alerted = append(s.alerted, v.alertedBy(i, rule, e.Metrics()))
		s.measure(e)
		if err == nil && text != "" {
			s.raised[text] = append(s.raised[text], ofSeries(allLabels(i, v.req.Alert.Labels), rule))
		}
		if !seen && err == nil {
			s.limit(text)
		}
		v.objective(s, i, rule, text)
	}
}

// expressions are those that were read: many alerts and rules have the same.
type expressions map[string]readExpr

type readExpr struct {
	promql.Expr

	err error
}

func (x expressions) read(text string) (promql.Expr, error) {
	r, ok := x[text]
	if !ok {
		r.Expr, r.err = promql.Read(text)
		x[text] = r
	}
	return r.Expr, r.err
}

// measure adds what an expression measures to the symptom.
func (s *symptom) measure(e promql.Expr) {
	for _, m := range e.Measured {
		if !slices.Contains(s.exprs, m.Expr) && len(s.exprs) < maxExprs {
			s.exprs = append(s.exprs, m.Expr)
			s.hurt[m.Expr] = map[promql.Direction]int{promql.Up: 1, promql.Down: -1, promql.Gone: -1}[m.Hurt]
			if name, ok := level(m); ok {
				s.levels[name] = s.hurt[m.Expr]
			}
		}
	}
	for _, name := range e.Metrics() {
		if !slices.Contains(s.metrics, name) {
			s.metrics = append(s.metrics, name)
		}
	}
}

// level is the metric whose values themselves a rule compares with its threshold.
func level(m promql.Measured) (name string, ok bool) {
	if len(m.Selectors) != 1 {
		return "", false
	}
	name = m.Selectors[0].Metric
	return name, name != "" && (m.Expr == name || strings.HasPrefix(m.Expr, name+"{") && strings.HasSuffix(m.Expr, "}"))
}

// limit notes with what an expression compares each of its parts. A part that is
// compared with several numbers has no limit.
func (s *symptom) limit(text string) {
	alternatives, err := promql.Bounds(text)
	if err != nil {
		return
	}
	for _, bounds := range alternatives {
		for _, b := range bounds {
			x := &b.Value
			if had, ok := s.limits[b.Expr]; ok && (had == nil || *had != b.Value) {
				x = nil
			}
			s.limits[b.Expr] = x
		}
	}
}

// maxExprs is how many measured expressions are asked for: a group may hold
// alerts of many rules.
const maxExprs = 12

func sameRule(a, b evidence.Rule) bool {
	return a.Name == b.Name && a.Group == b.Group && a.Expr == b.Expr && maps.Equal(a.Labels, b.Labels)
}

// ruleOf is the rule that raised an alert, nil when there is none or when it
// cannot be told which. Many rules share a name: all of Pyrra's, the tiers of a
// burn rate. So the labels that a rule gives must be the alert's, and its
// expression must be able to give the alert's labels; among several the one with
// the alert's own expression is meant, then the one that says the most labels.
func (x expressions) ruleOf(i evidence.AlertInstance, common map[string]string, all []evidence.Rule) *evidence.Rule {
	labels := allLabels(i, common)
	name, own := ruleName(labels), metric.ExprOf(i.GeneratorURL)
	var fitting []*evidence.Rule
	for k := range all {
		if r := &all[k]; name != "" && r.Name == name && x.raises(r, labels) {
			fitting = append(fitting, r)
		}
	}
	exact := slices.DeleteFunc(slices.Clone(fitting), func(r *evidence.Rule) bool { return own == "" || !promql.Same(r.Expr, own) })
	if len(exact) > 0 {
		fitting = exact
	} else if own != "" && len(fitting) > 1 {
		return nil // another rule of the name: the alert says itself what it measures
	}
	if len(fitting) == 0 {
		return nil
	}
	return slices.MaxFunc(fitting, func(a, b *evidence.Rule) int {
		return cmp.Or(cmp.Compare(said(a, labels), said(b, labels)), cmp.Compare(b.Group, a.Group), cmp.Compare(b.Expr, a.Expr))
	})
}

// ruleName is the name of the rule that raised an alert. Grafana raises alerts of
// its own when a rule has no data or fails, and tells the rule's name beside.
func ruleName(labels map[string]string) string {
	name := cmp.Or(labels["alertname"], labels["alert_name"])
	if rule := labels["rulename"]; rule != "" && (name == "DatasourceNoData" || name == "DatasourceError") {
		return rule
	}
	return name
}

// raises tells whether a rule can have raised an alert with these labels.
func (x expressions) raises(r *evidence.Rule, labels map[string]string) bool {
	for k, value := range r.Labels {
		if have := labels[k]; have != "" && have != value && !strings.Contains(value, "{{") {
			return false
		}
	}
	e, err := x.read(r.Expr)
	if err != nil {
		return true
	}
	return slices.ContainsFunc(e.Measured, func(m promql.Measured) bool { return gives(m, r, labels) })
}

// gives tells whether a measured expression can have series with these labels,
// but for those that the rule sets itself.
func gives(m promql.Measured, r *evidence.Rule, labels map[string]string) bool {
	for k, x := range labels {
		if _, set := r.Labels[k]; set || k == "alertname" || !m.Keeps(k) {
			continue
		}
		if slices.ContainsFunc(m.Selectors, func(s promql.Selector) bool { return !s.Matches(k, x) }) {
			return false
		}
	}
	return true
}

// allLabels are an alert's labels with those of its group.
func allLabels(i evidence.AlertInstance, common map[string]string) map[string]string {
	labels := make(map[string]string, len(i.Labels)+len(common))
	maps.Copy(labels, common)
	maps.Copy(labels, i.Labels)
	return labels
}

// ofSeries are the labels that an alert has from the series that raised it: those
// that its rule gives stand over what the series may have by the same name.
func ofSeries(labels map[string]string, rule *evidence.Rule) map[string]string {
	if rule != nil {
		for k := range rule.Labels { // in any order
			delete(labels, k)
		}
	}
	return labels
}

// said counts the labels of a rule that an alert has.
func said(r *evidence.Rule, labels map[string]string) int {
	n := 0
	for k, x := range r.Labels {
		if labels[k] == x {
			n++
		}
	}
	return n
}
