package gather

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/ask"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/metric"
	"github.com/wherefore-dev/wherefore/correlate/outcome"
	"github.com/wherefore-dev/wherefore/correlate/slo"
)

// symptom is what the alerts of a group complain about.
type symptom struct {
	// alerted is under which names each alert of the group, in order, knows what
	// it is about; traced are the services of the trace that was asked about.
	alerted []alerted
	traced  []string
	// services are the names that were chosen, in order of first mention; named
	// holds them alert by alert.
	services, named []string
	rules           []evidence.Rule
	// exprs are what the rules measure, thresholds taken off, without repeats.
	exprs []string
	// hurt is the side on which each of them hurts, as in gathered.Series.
	hurt map[string]int
	// levels are the same of metrics whose values themselves a rule looks at.
	levels map[string]int
	// limits are the thresholds that the rules compare them with, where it is one.
	limits map[string]*float64
	// raised are the labels of the alerts that each expression raised.
	raised map[string][]map[string]string
	// objectives are those that the alerts watch.
	objectives []slo.Objective
	// metrics are the names of the metrics that the alerts look at.
	metrics []string
	fired   time.Time
	// hold is how long a condition held before its alert fired.
	hold time.Duration
	// trace is the trace that a person asked about, nil for an alert.
	trace *evidence.Trace
}

// resolve reads the alerts: whom they name, which rule raised them and what it
// measures.
func (v *Investigation) resolve(ctx context.Context) {
	a := v.req.Alert
	s := symptom{fired: a.FiredAt()}
	if a.TraceID != "" {
		v.resolveTrace(ctx, &s)
	}
	v.resolveRules(ctx, &s)
	if !slices.ContainsFunc(s.alerted, func(a alerted) bool { return len(a.names) > 0 }) && s.trace == nil {
		v.Ledger.Unresolved("alert", evidence.TopicAlertService, "",
			fmt.Sprintf("none of the labels %s is on the alert", strings.Join(v.options.Names.Alert, ", ")))
	}
	for _, name := range []string{"metric", "__name__"} {
		if m := a.Label(name); m != "" && !slices.Contains(s.metrics, metric.Sanitized(m)) {
			s.metrics = append(s.metrics, metric.Sanitized(m))
		}
	}
	if s.fired.IsZero() {
		s.fired = v.req.Now
	}
	v.symptom = s
}

// resolveTrace takes the symptom from a trace: its services, deepest failing
// one first, and its end as the time of the complaint.
func (v *Investigation) resolveTrace(ctx context.Context, s *symptom) {
	if v.sources.Traces == nil {
		v.Ledger.Absent("traces", evidence.TopicTrace)
		return
	}
	q := ask.Question{Source: "traces", Topic: evidence.TopicTrace}
	t, ok := ask.Put(ctx, v.Asker, q, func(ctx context.Context) ask.Answer[evidence.Trace] {
		t, err := v.sources.Traces.Trace(ctx, v.req.Alert.TraceID)
		return ask.Answer[evidence.Trace]{Value: t, Count: len(t.Spans), Truncated: t.Truncated, Err: err}
	})
	if !ok || len(t.Spans) == 0 {
		return
	}
	outcome.Settle(&t)
	s.trace = &t
	for _, sp := range t.Spans {
		if sp.End().After(s.fired) {
			s.fired = sp.End()
		}
		if sp.Failed && !slices.Contains(s.traced, sp.Service) {
			s.traced = append(s.traced, sp.Service)
		}
	}
	if len(s.traced) == 0 {
		s.traced = append(s.traced, t.Spans[0].Service)
	}
}
