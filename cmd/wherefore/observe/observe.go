// Package observe asks the sources what maturity checks need to know of a
// service that runs: how often it met its objectives, how experiments on it went,
// and what its telemetry carries.
package observe

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/maturity"
	"github.com/wherefore-dev/wherefore/correlate/metric"
	"github.com/wherefore-dev/wherefore/correlate/port"
	"github.com/wherefore-dev/wherefore/correlate/slo"
)

// Observer knows where to ask. A source that is nil is not configured, and what
// rests on it is not known.
type Observer struct {
	Sources port.Sources
	SLOs    []slo.Spec
	// Conditions are the configured queries, by name and service.
	Conditions map[string]map[string]string
}

// Observe adds to what is judged what the checks of its level need to know of
// its service, instead of what somebody claims. What could not be asked is said in
// the facts; it is no error.
func (o Observer) Observe(ctx context.Context, in *maturity.Input) {
	o.made(ctx, in)
	f, service, now := &in.Facts, in.Service, in.Now
	specs := slo.Find(o.SLOs, "", []string{service})
	switch in.Level {
	case 3:
		f.Attainment, f.Experiments = o.attainment(ctx, specs, now), o.experiments(ctx, service, specs, now)
		f.Telemetry = nil
	case 4:
		f.Indicators, f.Latency = o.indicators(ctx, specs, now), o.latency(ctx, service, now)
		f.Telemetry = o.telemetry(ctx, service, now)
		o.drilled(ctx, service, f.Drill)
		if f.Disruption != nil {
			f.Disruption.Target = 0
			for i := range specs {
				f.Disruption.Target = max(f.Disruption.Target, specs[i].Target)
			}
		}
	default:
		return
	}
	if len(specs) > 0 {
		return
	}
	if unknown := o.unknown(ctx, service, f.Telemetry, now); unknown != "" {
		if f.Telemetry == nil {
			f.Telemetry = &maturity.Telemetry{At: now}
		}
		f.Telemetry.Unknown = unknown
	}
}

// shares asks for a share of bad events or time. What is no share is left out: it is
// NaN where nothing happened, and below 0 where parts of a ratio count different
// things; more than all is kept, since it was surely not met.
func (o Observer) shares(ctx context.Context, query string, w evidence.Window, step time.Duration) ([]evidence.Sample, error) {
	list, err := o.series(ctx, query, w, step)
	return slices.DeleteFunc(slices.Clone(list), func(s evidence.Sample) bool { return !(s.Value >= -1e-9) }), err
}

// series asks for one series, whose samples are of the times of its query.
func (o Observer) series(ctx context.Context, query string, w evidence.Window, step time.Duration) ([]evidence.Sample, error) {
	if o.Sources.Metrics == nil {
		return nil, errNoMetrics
	}
	list, err := o.Sources.Metrics.QueryRange(ctx, query, w, step)
	if err != nil || len(list) == 0 {
		return nil, err //nolint:wrapcheck // says which server and why
	}
	return list[0].Samples, nil
}

type notConfigured string

func (n notConfigured) Error() string { return string(n) }

const (
	errNoMetrics = notConfigured("no metrics are configured")
	errNoLogs    = notConfigured("no logs are configured")
	errNoTraces  = notConfigured("no traces are configured")
)

// attainment holds every hour of the period against the objectives.
func (o Observer) attainment(ctx context.Context, specs []slo.Spec, now time.Time) *maturity.Attainment {
	a := &maturity.Attainment{Period: maturity.AttainedOver}
	end := now.UTC().Truncate(time.Hour)
	w := evidence.Window{Start: end.Add(-maturity.AttainedOver + time.Hour), End: end}
	for i := range specs {
		s := &specs[i]
		query, err := s.Share(time.Hour)
		var samples []evidence.Sample
		if err == nil {
			samples, err = o.shares(ctx, query, w, time.Hour)
		}
		if err != nil {
			return &maturity.Attainment{Period: maturity.AttainedOver, Detail: "the objectives could not be measured: " + err.Error()}
		}
		got := maturity.SLOAttained{Name: s.Name, Target: s.Target, Hours: len(samples)}
		for _, x := range samples {
			if x.Value <= 1-s.Target+1e-9 {
				got.Met++
			}
		}
		if len(samples) > 0 {
			got.Kept = end.Sub(samples[0].Time) + time.Hour
		}
		a.SLOs = append(a.SLOs, got)
	}
	return a
}

// usualExperiment is how long an experiment lasts whose end is not announced.
const usualExperiment = 10 * time.Minute

// experiments are those that were announced, and how the objectives fared.
func (o Observer) experiments(ctx context.Context, service string, specs []slo.Spec, now time.Time) *maturity.Experiments {
	out := &maturity.Experiments{}
	w := evidence.Window{Start: now.Add(-maturity.AttainedOver), End: now}
	for _, source := range o.Sources.Changes {
		changes, err := source.Changes(ctx, w)
		if err != nil {
			out.Detail = "announced experiments could not be read: " + err.Error()
			continue
		}
		for _, c := range changes {
			if c.Kind != evidence.ChangeExperiment || !strings.EqualFold(c.Service, service) {
				continue
			}
			x := maturity.Experiment{ID: c.ID, Start: c.Time, End: endOf(&c)}
			if x.End.After(now) {
				continue // it has not ended
			}
			o.fared(ctx, &x, specs)
			out.List = append(out.List, x)
		}
	}
	const most = 50
	slices.SortFunc(out.List, func(a, b maturity.Experiment) int { return b.Start.Compare(a.Start) })
	out.List = out.List[:min(len(out.List), most)]
	return out
}

func (o Observer) fared(ctx context.Context, x *maturity.Experiment, specs []slo.Spec) {
	for i := range specs {
		s := &specs[i]
		query, err := s.Share(x.End.Sub(x.Start).Round(time.Second))
		if err != nil {
			continue
		}
		samples, err := o.shares(ctx, query, evidence.Window{Start: x.End, End: x.End}, time.Minute)
		if err != nil || len(samples) == 0 {
			continue
		}
		x.Judged++
		if bad := samples[0].Value; bad > 1-s.Target+1e-9 {
			x.Missed = append(x.Missed, fmt.Sprintf("%.2f %% were bad by %s, %s may be", 100*bad, s.Name, slo.Percent(1-s.Target)))
		}
	}
}

// indicators ask for each objective over the last hour.
func (o Observer) indicators(ctx context.Context, specs []slo.Spec, now time.Time) *maturity.Indicators {
	out := &maturity.Indicators{At: now.UTC()}
	for i := range specs {
		s := &specs[i]
		query, err := s.Share(time.Hour)
		var samples []evidence.Sample
		if err == nil {
			samples, err = o.shares(ctx, query, evidence.Window{Start: now, End: now}, time.Minute)
		}
		switch {
		case err != nil:
			return nil // what cannot be asked is not known
		case len(samples) == 0:
			out.Dead = append(out.Dead, s.Name+" gives nothing over the last hour")
		default:
			out.Live = append(out.Live, s.Name)
		}
	}
	return out
}

// p99 is the condition that gives the 99th percentile of requests, in seconds.
const p99 = "latency_p99"

// latency asks for the 99th percentile of 28 days.
func (o Observer) latency(ctx context.Context, service string, now time.Time) *maturity.Latency {
	out := &maturity.Latency{Period: maturity.AttainedOver}
	by := o.Conditions[p99]
	expr := by[service]
	if expr == "" {
		expr = by[""]
	}
	if expr == "" {
		return out
	}
	query, err := slo.Over(strings.ReplaceAll(expr, "{entity}", metric.QuoteLabel(service)), maturity.AttainedOver)
	var samples []evidence.Sample
	if err == nil {
		samples, err = o.series(ctx, query, evidence.Window{Start: now, End: now}, time.Minute)
	}
	switch {
	case err != nil:
		out.Detail = err.Error()
	case len(samples) == 0:
		out.Detail = "its query gave nothing: " + query
	default:
		out.P99 = time.Duration(samples[0].Value * float64(time.Second))
	}
	return out
}
