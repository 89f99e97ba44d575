package gather

import (
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/metric"
	"github.com/wherefore-dev/wherefore/correlate/onset"
	"github.com/wherefore-dev/wherefore/correlate/promql"
)

// finder looks for the onset in a case whose traces and lines are joined.
func (v *Investigation) finder(f *onset.Finder) *onset.Finder {
	looks := map[string]time.Duration{}
	back := func(expr string) time.Duration {
		d, ok := looks[expr]
		if !ok {
			if e, err := promql.Read(expr); err == nil {
				d = e.Range
			}
			looks[expr] = d
		}
		return d
	}
	for _, s := range v.answers.alerting {
		f.Exprs = append(f.Exprs, onset.Expr{Labels: s.Labels, Samples: s.Samples, Looks: back(s.Expr), Failures: v.symptom.hurt[s.Expr] >= 0 && countsFailures(s.Expr), Hurt: v.symptom.hurt[s.Expr]})
	}
	for _, m := range v.answers.metrics {
		f.Series = append(f.Series, onset.Series{Entity: m.entity, Alert: m.alert, Looks: back(m.expr), Samples: m.samples})
	}
	return f
}

// countsFailures reports whether an expression is a rate of failures, or their
// share of all: what has no samples while nothing failed, and is zero then. What is
// divided must be the failures, and nothing that they are taken from: how much went
// well is no zero before. A quantile or a sum is a duration and no count.
func countsFailures(expr string) bool {
	e, err := promql.Read(expr)
	if err != nil || e.Range == 0 {
		return false
	}
	if len(e.Selectors) == 0 || takenFrom.MatchString(expr) {
		return false
	}
	s := e.Selectors[0] // in the order of the text: what is divided
	if strings.HasSuffix(s.Metric, "_bucket") || strings.HasSuffix(s.Metric, "_sum") {
		return false
	}
	return metric.ClassOf(s.Metric) == metric.ClassError || slices.ContainsFunc(metric.OutcomeLabels, func(l string) bool {
		return !s.Matches(l, "200") && !s.Matches(l, "OK") && slices.ContainsFunc([]string{"500", "503", "error", "Internal"}, func(x string) bool { return s.Matches(l, x) })
	})
}

// takenFrom is a share of failures taken from the whole, which is what went well.
var takenFrom = regexp.MustCompile(`^[\s(]*1(\.0*)?\s*-`)

// zeroFilled puts zeros where the rate of failures of an entity has no samples
// and its other series have: none were counted then, since none had happened.
func zeroFilled(m measuredSeries, collected []time.Time) []evidence.Sample {
	if len(m.samples) == 0 || m.stat != "rate" || metric.ClassOf(m.name) != metric.ClassError && !failingOutcome(m.labels) {
		return m.samples
	}
	var zeros []evidence.Sample
	for _, t := range collected {
		if !t.Before(m.samples[0].Time) {
			break
		}
		zeros = append(zeros, evidence.Sample{Time: t})
	}
	return append(zeros, m.samples...)
}

// failingOutcome reports whether a series counts what failed by the server's
// fault.
func failingOutcome(labels map[string]string) bool {
	return slices.ContainsFunc(metric.OutcomeLabels, func(l string) bool { return len(labels[l]) == 3 && labels[l][0] == '5' })
}

// collectedTimes are the instants at which anything was collected, by entity, in
// order of time.
func collectedTimes(list []measuredSeries) map[string][]time.Time {
	all := map[string][]time.Time{}
	for _, m := range list {
		for _, s := range m.samples {
			all[m.entity] = append(all[m.entity], s.Time)
		}
	}
	for e, times := range all {
		slices.SortFunc(times, time.Time.Compare)
		all[e] = slices.CompactFunc(times, time.Time.Equal)
	}
	return all
}
