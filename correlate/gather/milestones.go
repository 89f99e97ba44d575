package gather

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/ask"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/gathered"
	"github.com/wherefore-dev/wherefore/correlate/metric"
	"github.com/wherefore-dev/wherefore/correlate/port"
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
	case m.From == gathered.FromLog:
		for _, s := range []string{m.Good, m.Bad} {
			// A query of lines begins with their streams, one of a measure does not.
			if !strings.HasPrefix(strings.TrimSpace(s), "{") {
				return fmt.Errorf("%q: from log it has to be a LogQL query of lines, as {service_name=\"shop\"} |= \"order paid\"", s)
			}
		}
	case m.From != "" && m.From != gathered.FromMetric:
		return fmt.Errorf("from %q is neither metric, span nor log", m.From)
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

// milestones asks how often the configured milestones were reached. One that
// spans mark is counted among the traces.
func (v *Investigation) milestones(ctx context.Context) []gathered.Reached {
	list := v.options.Milestones[:min(len(v.options.Milestones), MaxMilestones)]
	got := make([]gathered.Reached, len(list))
	answered := make([][2]bool, len(list))
	var steps []func()
	for i, m := range list {
		x := &got[i]
		x.Milestone = m
		for side, from := range []struct {
			expr string
			to   *[][]evidence.Sample
		}{{m.Good, &x.Good}, {m.Bad, &x.Bad}} {
			count := v.grownCounters
			if m.From == gathered.FromLog {
				count = v.countedLines
			}
			if m.From != gathered.FromSpan {
				steps = append(steps, func() { *from.to, answered[i][side] = count(ctx, from.expr) })
			}
		}
		if m.Duration == "" || v.sources.Metrics == nil {
			continue
		}
		expr, err := promql.Quantile(m.Duration, max(v.by().Spacing, time.Duration(v.by().Rate)*v.answers.step))
		if err != nil {
			continue // refused when the configuration was read
		}
		steps = append(steps, func() {
			for _, s := range v.queryRange(ctx, evidence.TopicMilestones, expr, v.metricWindow()) {
				x.P99 = s.Samples
			}
		})
	}
	v.Together(steps...)
	for i := range got {
		got[i].Counted = answered[i] == [2]bool{true, true}
	}
	return got
}

// sayWhatFailed has the series that count a milestone's failed ones say what those are
// called.
func sayWhatFailed(c *gathered.Evidence) {
	for i := range c.Milestones {
		m := &c.Milestones[i].Milestone
		if m.From != "" && m.From != gathered.FromMetric {
			continue
		}
		bad, err := promql.Read(m.Bad)
		if err != nil || len(bad.Selectors) != 1 {
			continue // refused when the configuration was read
		}
		for j := range c.Metrics {
			if s := &c.Metrics[j]; s.Says == "" && s.Stat != gathered.StatExpr && selects(bad.Selectors[0], s) {
				s.Says = m.Says
			}
		}
	}
}

// selects reports whether a selector selects a series.
func selects(by promql.Selector, s *gathered.Series) bool {
	if by.Metric != s.Name {
		return false
	}
	for k, v := range by.Equal {
		if s.Labels[k] != v {
			return false
		}
	}
	for k, v := range s.Labels {
		if !by.Matches(k, v) {
			return false
		}
	}
	return true
}

// grownCounters are the samples of the counters that a selector selects.
func (v *Investigation) grownCounters(ctx context.Context, expr string) (list [][]evidence.Sample, answered bool) {
	if v.sources.Metrics == nil {
		return nil, false
	}
	series, answered := v.rangeOf(ctx, evidence.TopicMilestones, expr, v.metricWindow())
	slices.SortStableFunc(series, func(a, b evidence.Series) int {
		return cmp.Compare(metric.LabelsText(a.Labels), metric.LabelsText(b.Labels))
	})
	for _, s := range series {
		list = append(list, s.Samples)
	}
	return list, answered
}

// countedLines is how many lines a query gives, step by step. They are counted
// where they are kept: read one by one they would be the first that are cut.
func (v *Investigation) countedLines(ctx context.Context, expr string) (list [][]evidence.Sample, answered bool) {
	if v.sources.Logs == nil {
		v.Ledger.Absent("logs", evidence.TopicMilestones)
		return nil, false
	}
	w, step := metric.OnGrid(v.span, v.by().Spacing)
	samples, answered := ask.Put(ctx, v.Asker, ask.Question{Source: "logs", Topic: evidence.TopicMilestones, Window: w, Exact: expr}, func(ctx context.Context) ask.Answer[[]evidence.Sample] {
		source, ok := v.sources.Logs.(port.LogCounts)
		if !ok {
			return ask.Answer[[]evidence.Sample]{Err: fmt.Errorf("count lines: %w", evidence.ErrUnsupported)}
		}
		samples, err := source.CountLines(ctx, expr, w, step)
		return ask.Answer[[]evidence.Sample]{Value: samples, Count: len(samples), Err: err} // points: no line was read
	})
	return [][]evidence.Sample{samples}, answered
}
