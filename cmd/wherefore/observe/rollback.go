package observe

import (
	"context"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/rollback"
)

// Rollback says what was to be seen of a rollback that began at an instant and
// took so long.
func (o Observer) Rollback(ctx context.Context, service string, at time.Time, took time.Duration) rollback.Telemetry {
	if o.Sources.Metrics == nil {
		return rollback.Telemetry{Detail: string(errNoMetrics)}
	}
	w := rollback.Around(at, took)
	series, err := o.Sources.Metrics.QueryRange(ctx, rollback.Query(), w, rollback.Spacing)
	var kept []evidence.Series
	if err == nil && len(series) == 0 {
		kept, err = o.Sources.Metrics.QueryRange(ctx, rollback.Kept, w, time.Minute)
	}
	if err != nil {
		return rollback.Telemetry{Detail: "metrics could not be asked: " + err.Error()}
	}
	out := rollback.Seen(series, w, len(series)+len(kept) > 0)
	if !out.Asked {
		return out
	}
	if service == "" || o.Sources.Traces == nil {
		if len(out.Absent)+len(out.Still) == 0 {
			return rollback.Telemetry{Detail: "the metrics changed in the last drill; nobody said which service's spans to look at"}
		}
		return out
	}
	traces, _, err := o.Sources.Traces.FindTraces(ctx, evidence.TraceQuery{Service: service, Operation: rollback.SpanName, Window: w, Limit: sampleTraces})
	if err != nil {
		return rollback.Telemetry{Detail: "traces could not be asked: " + err.Error()}
	}
	for _, t := range traces {
		if op := rollback.Operation(t); op != "" {
			out.Span = op
		}
	}
	return out
}
