package slo

import (
	"fmt"
	"strings"
	"time"

	"github.com/prometheus/common/model"

	"github.com/wherefore-dev/wherefore/correlate/promql"
)

// text is a duration as PromQL writes it.
func text(d time.Duration) string { return model.Duration(d).String() }

// fastest are how many of the tiers an objective that nothing alerts by is
// measured over: what an incident of minutes shows in.
const fastest = 2

// Objective is a written objective as an alert would watch it, over the two
// fastest pairs of windows. It was checked when it was read.
func (s *Spec) Objective() Objective {
	o := Objective{Name: s.Name, Service: s.Service, Target: s.Target, TargetFrom: "definition", Period: s.Period, Assumed: s.Assumed, definition: s}
	if s.Note != "" {
		o.Notes = append(o.Notes, s.Note)
	}
	tiers := Tiers(s.Period)
	for _, t := range tiers[:min(fastest, len(tiers))] {
		a := Alternative{Factor: t.Factor}
		for _, w := range []time.Duration{t.Short, t.Long} {
			expr, err := s.Share(w)
			if err != nil {
				return o
			}
			l := Leg{Expr: expr, Window: w, Unit: 1}
			if _, all, _ := s.Counts(w); all != "" {
				l.Total, l.PerSecond = promql.Denominator(all)
			}
			a.Legs = append(a.Legs, l)
		}
		o.Alternatives = append(o.Alternatives, a)
	}
	return o
}

// written is the written objective that an alert's labels name, nil for none.
// The error names those that they fit equally.
func (o *Objective) written(specs []Spec) (*Spec, error) {
	if o.Name == "" {
		return nil, nil //nolint:nilnil // none is no error
	}
	var services []string
	if o.Service != "" {
		services = []string{o.Service}
	}
	list := Find(specs, o.Name, services)
	if len(list) == 0 && first(o.Labels, serviceLabels[:3]) == "" {
		list = Find(specs, o.Name, nil) // a job is called as it likes
	}
	if len(list) > 1 {
		places := make([]string, len(list))
		for i, s := range list {
			places[i] = fmt.Sprintf("%s of %s (%s)", s.Name, s.Service, s.Place())
		}
		return nil, fmt.Errorf("the alert's labels fit %d SLOs, %s: add the label service to its rule", len(list), strings.Join(places, " and "))
	}
	if len(list) == 0 {
		return nil, nil //nolint:nilnil // none is no error
	}
	return &list[0], nil
}

// complete takes over what a written objective says and the alert's rule does
// not. Where both say a target the rule counts, since it is what fires.
func (o *Objective) complete(s *Spec) {
	o.Service = s.Service
	if s.Note != "" {
		o.Notes = append(o.Notes, s.Note)
	}
	if o.Assumed && !s.Assumed {
		o.Period, o.Assumed = s.Period, false
	}
	switch {
	case o.Target == 0:
		o.Target, o.TargetFrom = s.Target, "definition"
	case !near(1-o.Target, 1-s.Target):
		o.Notes = append(o.Notes, fmt.Sprintf("%s defines an objective of %s, the alert's rule has %s: the rule is what fires", s.Place(), Percent(s.Target), Percent(o.Target)))
	}
}

// Over is a query over another window than it is written with.
func Over(query string, w time.Duration) (string, error) {
	return promql.Over(query, w, "") //nolint:wrapcheck // its text is the whole message
}
