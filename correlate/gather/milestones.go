package gather

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/gathered"
	"github.com/wherefore-dev/wherefore/correlate/metric"
	"github.com/wherefore-dev/wherefore/correlate/promql"
)

// MaxMilestones is how many milestones are measured.
const MaxMilestones = 20

// CheckMilestones says in one sentence what is wrong with the first milestone that
// cannot be measured.
func CheckMilestones(list []gathered.Milestone) error {
	if len(list) > MaxMilestones {
		return fmt.Errorf("%d milestones are given, at most %d are measured", len(list), MaxMilestones)
	}
	for i, m := range list {
		if err := checkMilestone(m); err != nil {
			return fmt.Errorf("milestones[%d] %q: %w", i, m.ID, err)
		}
		if slices.ContainsFunc(list[:i], func(o gathered.Milestone) bool { return o.ID == m.ID }) {
			return fmt.Errorf("milestones[%d]: the id %q is taken", i, m.ID)
		}
	}
	return nil
}

func checkMilestone(m gathered.Milestone) error {
	switch {
	case m.ID == "" || m.Says == "":
		return errors.New("it needs an id, and says: what failed ones are called, as \"ads not served\"")
	case m.Good == "" || m.Bad == "":
		return errors.New("it needs good and bad")
	case m.From == gathered.FromSpan && m.Service == "":
		return errors.New("it comes from spans: name the service that makes them")
	case m.From == gathered.FromSpan:
	case m.From != "" && m.From != gathered.FromMetric:
		return fmt.Errorf("from %q is neither metric nor span", m.From)
	default:
		for _, s := range []string{m.Good, m.Bad} {
			if err := promql.Selects(s); err != nil {
				return fmt.Errorf("%q: %w", s, err)
			}
		}
	}
	if m.Duration != "" {
		const whole = time.Minute // whether it can be read does not hang on the range
		if _, err := promql.Quantile(m.Duration, whole); err != nil {
			return fmt.Errorf("duration %q: %w", m.Duration, err)
		}
	}
	return nil
}

// askMilestones are the questions about the configured milestones; what they give
// is kept when all have been put.
func (v *Investigation) askMilestones(ctx context.Context) (steps []func(), keep func()) {
	list := v.options.Milestones[:min(len(v.options.Milestones), MaxMilestones)]
	got := make([]gathered.Reached, len(list))
	for i, m := range list {
		got[i].Milestone = m
		into := func(expr string, to *[][]evidence.Sample) {
			steps = append(steps, func() {
				series := v.queryRange(ctx, evidence.TopicMilestones, expr, v.metricWindow())
				slices.SortStableFunc(series, func(a, b evidence.Series) int {
					return cmp.Compare(metric.LabelsText(a.Labels), metric.LabelsText(b.Labels))
				})
				for _, s := range series {
					*to = append(*to, s.Samples)
				}
			})
		}
		if cmp.Or(m.From, gathered.FromMetric) == gathered.FromMetric {
			into(m.Good, &got[i].Good)
			into(m.Bad, &got[i].Bad)
		}
		if m.Duration == "" {
			continue
		}
		expr, err := promql.Quantile(m.Duration, max(v.by().Spacing, time.Duration(v.by().Rate)*v.answers.step))
		if err != nil {
			continue // refused when the configuration was read
		}
		steps = append(steps, func() {
			for _, s := range v.queryRange(ctx, evidence.TopicMilestones, expr, v.metricWindow()) {
				got[i].P99 = s.Samples
			}
		})
	}
	return steps, func() { v.answers.milestones = got }
}
