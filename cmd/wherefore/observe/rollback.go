package observe

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/rollback"
)

// settling is how long before and after a drill its telemetry is looked for: a
// scrape is up to a minute late.
const settling = 2 * time.Minute

// Rollback says what was to be seen of a rollback that began at an instant and
// took so long.
func (o Observer) Rollback(ctx context.Context, service string, at time.Time, took time.Duration) rollback.Telemetry {
	if o.Sources.Metrics == nil {
		return rollback.Telemetry{Detail: string(errNoMetrics)}
	}
	w := evidence.Window{Start: at.Add(-settling), End: at.Add(took + settling)}
	var out rollback.Telemetry
	for _, name := range rollback.Said {
		moved, there, err := o.moved(ctx, append([]string{name}, rollback.Aliases[name]...), w)
		switch {
		case err != nil:
			return rollback.Telemetry{Detail: "metrics could not be asked: " + err.Error()}
		case moved:
			out.Moved = append(out.Moved, name)
		case there:
			out.Still = append(out.Still, name)
		default:
			out.Absent = append(out.Absent, name)
		}
	}
	// A rollback that nothing had to retry retries nothing.
	out.Still = slices.DeleteFunc(out.Still, func(s string) bool { return s == "rollback_retried" })
	out.Asked = true
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

// moved tells whether series of these names changed their value in a window, and
// whether there are any.
func (o Observer) moved(ctx context.Context, names []string, w evidence.Window) (moved, there bool, err error) {
	pattern := `{__name__=~"(` + strings.Join(names, "|") + `).*"}`
	series, err := o.Sources.Metrics.QueryRange(ctx, pattern, w, 15*time.Second)
	for _, s := range series {
		for _, x := range s.Samples {
			there = true
			moved = moved || x.Value != s.Samples[0].Value
		}
		// One that was not there before the drill came with it.
		moved = moved || len(s.Samples) > 0 && s.Samples[0].Time.After(w.Start.Add(settling/2))
	}
	return moved, there, err //nolint:wrapcheck // says which server and why
}
