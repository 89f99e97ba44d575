package observe

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/maturity"
	"github.com/wherefore-dev/wherefore/correlate/metric"
	"github.com/wherefore-dev/wherefore/correlate/topology"
)

// What is sampled of a service.
const (
	sampleOver   = time.Hour
	sampleTraces = 20
	sampleLines  = 200
)

// telemetry samples what a service sent in the last hour.
func (o Observer) telemetry(ctx context.Context, service string, now time.Time) *maturity.Telemetry {
	t := &maturity.Telemetry{At: now.UTC(), Window: sampleOver, Unasked: map[string]string{}}
	w := evidence.Window{Start: now.Add(-sampleOver), End: now}
	for source, sample := range map[string]func(context.Context, *maturity.Telemetry, string, evidence.Window) error{
		"traces": o.spans, "logs": o.lines, "metrics": o.requests,
	} {
		if err := sample(ctx, t, service, w); err != nil {
			t.Unasked[source] = source + " could not be asked: " + err.Error()
		}
	}
	return t
}

func (o Observer) spans(ctx context.Context, t *maturity.Telemetry, service string, w evidence.Window) error {
	if o.Sources.Traces == nil {
		return errNoTraces
	}
	traces, _, err := o.Sources.Traces.FindTraces(ctx, evidence.TraceQuery{Service: service, Window: w, Limit: sampleTraces})
	if err != nil {
		return err //nolint:wrapcheck // said with its source
	}
	for _, trace := range traces {
		for i := range trace.Spans {
			s := &trace.Spans[i]
			if s.Service != service {
				continue
			}
			t.Spans++
			if s.Attribute("service.version") != "" || s.Attribute("vcs.ref.head.revision") != "" {
				t.Versioned++
			}
			if s.Attribute("deployment.environment.name") != "" || s.Attribute("deployment.environment") != "" {
				t.Environment++
			}
		}
	}
	return nil
}

func (o Observer) lines(ctx context.Context, t *maturity.Telemetry, service string, w evidence.Window) error {
	if o.Sources.Logs == nil {
		return errNoLogs
	}
	lines, _, err := o.Sources.Logs.Logs(ctx, evidence.LogQuery{Services: []string{service}, Window: w, Limit: sampleLines})
	if err != nil {
		return err //nolint:wrapcheck // said with its source
	}
	for i := range lines {
		t.Lines++
		if lines[i].TraceID != "" {
			t.Traced++
		}
	}
	return nil
}

// mayCountRequests is what Prometheus is asked for: names of counters and of
// histograms' counts. Which of them count requests, the engine says.
const mayCountRequests = ".+(_total|_count)"

// requests finds the metrics of requests that a service answers, by name.
func (o Observer) requests(ctx context.Context, t *maturity.Telemetry, service string, w evidence.Window) error {
	if o.Sources.Metrics == nil {
		return errNoMetrics
	}
	var selectors []string
	for _, l := range metric.TargetNames {
		selectors = append(selectors, `{__name__=~"`+mayCountRequests+`",`+l+"="+strconv.Quote(service)+"}")
	}
	series, more, err := o.Sources.Metrics.ListSeries(ctx, selectors, w)
	if err != nil {
		return err //nolint:wrapcheck // said with its source
	}
	if more {
		return fmt.Errorf("%s has more counters than are read, and the first %d do not tell how requests are counted", service, len(series))
	}
	has := map[string]bool{}
	for _, s := range series {
		name := s.Name
		if !metric.CountsRequests(name, "rate", s.Kind) {
			continue
		}
		has[name] = has[name] || slices.ContainsFunc(metric.OutcomeLabels, func(l string) bool { return s.Labels[l] != "" })
	}
	for name, labelled := range has {
		t.Requests = append(t.Requests, name)
		if !labelled {
			t.Statusless = append(t.Statusless, name)
		}
	}
	slices.Sort(t.Requests)
	slices.Sort(t.Statusless)
	return nil
}

// unknown says that no source knows a service, "" when one does or when that
// cannot be told.
func (o Observer) unknown(ctx context.Context, service string, t *maturity.Telemetry, now time.Time) string {
	if t == nil {
		t = o.telemetry(ctx, service, now)
	}
	if len(t.Unasked) > 0 || t.Spans+t.Lines+len(t.Requests) > 0 {
		return ""
	}
	names, err := o.Sources.Traces.Services(ctx)
	if err != nil || slices.Contains(names, service) {
		return ""
	}
	return fmt.Sprintf("no source knows the service %s; %s", service, topology.AliasHint(service, names))
}
