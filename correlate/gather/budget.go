package gather

import (
	"cmp"
	"context"
	"maps"
	"slices"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/metric"
	"github.com/wherefore-dev/wherefore/correlate/slo"
)

// Bounds on what is asked about error budgets: a group may hold alerts of many.
const (
	maxObjectives  = 8
	maxBudgetExprs = 24
	// maxWritten is how many written objectives of alerting services are measured
	// when no alert watches one itself.
	maxWritten = 2
)

// objective adds the objective behind an alert. That a rule has none is usual
// and no news, unless the alert's labels speak of one.
func (v *Investigation) objective(s *symptom, i evidence.AlertInstance, rule *evidence.Rule, expr string) {
	labels := allLabels(i, v.req.Alert.Labels)
	if rule != nil {
		for k, x := range rule.Labels {
			labels[k] = cmp.Or(labels[k], x)
		}
	}
	annotations := maps.Clone(v.req.Alert.Annotations)
	if annotations == nil {
		annotations = map[string]string{}
	}
	maps.Copy(annotations, i.Annotations)
	o, err := slo.OfAlert(expr, labels, annotations, v.options.SLOs)
	switch {
	case err == nil:
		o.AddWindows(v.options.BurnWindows...)
		same := func(have slo.Objective) bool { return have.Same(&o) }
		if len(s.objectives) < maxObjectives && !slices.ContainsFunc(s.objectives, same) {
			s.objectives = append(s.objectives, o)
		}
	case expr != "" && slo.IsNamed(labels):
		warning := "The error budget is not known: " + err.Error()
		if !slices.Contains(v.warnings, warning) {
			v.warnings = append(v.warnings, warning)
		}
	}
}

// writtenObjectives are those of the alerting services that were written down,
// for alerts that watch none themselves.
func (v *Investigation) writtenObjectives(s *symptom) {
	if len(s.objectives) > 0 {
		return
	}
	list := slo.Find(v.options.SLOs, "", s.services)
	for i := range list[:min(len(list), maxWritten)] {
		o := list[i].Objective()
		o.AddWindows(v.options.BurnWindows...)
		s.objectives = append(s.objectives, o)
	}
}

// budgetExprs are what the objectives need beyond what the alerts measure: the
// other windows, the traffic, and what is left of the budget.
func (s *symptom) budgetExprs() []string {
	var list []string
	for i := range s.objectives {
		for _, expr := range s.objectives[i].Queries() {
			if !slices.Contains(s.exprs, expr) && !slices.Contains(list, expr) && len(list) < maxBudgetExprs {
				list = append(list, expr)
			}
		}
	}
	return list
}

// askBudgets are the questions behind budgetExprs; what they give is kept when
// all have been put.
func (v *Investigation) askBudgets(ctx context.Context) (steps []func(), keep func()) {
	v.writtenObjectives(&v.symptom)
	exprs := v.symptom.budgetExprs()
	got := make([][]evidence.Series, len(exprs))
	for i, expr := range exprs {
		steps = append(steps, func() { got[i] = v.queryRange(ctx, evidence.TopicBudget, expr, v.metricWindow()) })
	}
	return steps, func() {
		for i, expr := range exprs {
			slices.SortStableFunc(got[i], func(a, b evidence.Series) int {
				return cmp.Compare(metric.LabelsText(a.Labels), metric.LabelsText(b.Labels))
			})
			for _, s := range got[i] {
				s.Expr = expr
				v.answers.budget = append(v.answers.budget, s)
			}
		}
	}
}
