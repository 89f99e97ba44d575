package gather

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/ask"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/metric"
	"github.com/wherefore-dev/wherefore/correlate/outcome"
)

// symptom is what the alerts of a group complain about.
type symptom struct {
	// services are names as the alerts spell them, in order of first mention.
	services []string
	rules    []evidence.Rule
	// exprs are what the rules measure, thresholds taken off, without repeats.
	exprs []string
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
	for _, i := range a.Instances {
		if name := v.alertedName(i.Labels, a.Labels); name != "" && !slices.Contains(s.services, name) {
			s.services = append(s.services, name)
		}
	}
	if len(s.services) == 0 && s.trace == nil {
		v.Ledger.Unresolved("alert", "which service the alert is about", "",
			fmt.Sprintf("none of the labels %s is on the alert", strings.Join(v.options.Names.Alert, ", ")))
	}
	v.resolveRules(ctx, &s)
	for _, name := range []string{"metric", "__name__"} {
		if m := a.Label(name); m != "" && !slices.Contains(s.metrics, metricName(m)) {
			s.metrics = append(s.metrics, metricName(m))
		}
	}
	if s.fired.IsZero() {
		s.fired = v.req.Now
	}
	v.symptom = s
}

// alertedName is the value of the most trusted label that an alert carries.
func (v *Investigation) alertedName(labels, common map[string]string) string {
	for _, name := range v.options.Names.Alert {
		if value := cmp.Or(labels[name], common[name]); value != "" {
			return value
		}
	}
	return ""
}

// resolveTrace takes the symptom from a trace: its services, deepest failing
// one first, and its end as the time of the complaint.
func (v *Investigation) resolveTrace(ctx context.Context, s *symptom) {
	if v.sources.Traces == nil {
		v.Ledger.Absent("traces", "the trace that was asked about")
		return
	}
	q := ask.Question{Source: "traces", Text: "the trace that was asked about"}
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
		if sp.Failed && !slices.Contains(s.services, sp.Service) {
			s.services = append(s.services, sp.Service)
		}
	}
	if len(s.services) == 0 {
		s.services = append(s.services, t.Spans[0].Service)
	}
}

// resolveRules finds the alerts' rules by name, else takes the expression from
// the generator URL, which is parsed and never fetched.
func (v *Investigation) resolveRules(ctx context.Context, s *symptom) {
	var all []evidence.Rule
	if v.sources.Rules == nil {
		v.Ledger.Absent("rules", "alerting rules")
	} else {
		all, _ = ask.Put(ctx, v.Asker, ask.Question{Source: "rules", Text: "alerting rules", First: true}, func(ctx context.Context) ask.Answer[[]evidence.Rule] {
			rules, err := v.sources.Rules.Rules(ctx)
			return ask.Many(rules, false, err)
		})
	}
	for _, i := range v.req.Alert.Instances {
		name := cmp.Or(i.Labels["alertname"], v.req.Alert.Labels["alertname"])
		at := slices.IndexFunc(all, func(r evidence.Rule) bool { return name != "" && r.Name == name })
		expr := metric.ExprOf(i.GeneratorURL)
		if at >= 0 {
			r := all[at]
			if !slices.ContainsFunc(s.rules, func(have evidence.Rule) bool { return have.Name == r.Name && have.Group == r.Group }) {
				s.rules = append(s.rules, r)
			}
			s.hold = max(s.hold, r.For)
			expr = r.Expr
		}
		if expr == "" {
			continue
		}
		if m := metric.Measured(expr); !slices.Contains(s.exprs, m) {
			s.exprs = append(s.exprs, m)
		}
		for _, sel := range metric.ScanSelectors(expr) {
			if !slices.Contains(s.metrics, sel.Metric) {
				s.metrics = append(s.metrics, sel.Metric)
			}
		}
	}
}

// metricName spells a name the way Prometheus stores it.
func metricName(name string) string {
	return strings.Map(func(r rune) rune {
		if r == '_' || r == ':' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' {
			return r
		}
		return '_'
	}, name)
}
