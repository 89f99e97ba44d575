package main

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/wherefore-dev/wherefore/cmd/wherefore/setup"
	"github.com/wherefore-dev/wherefore/correlate"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

// logs samples each service's newest lines: how many bear a trace ID, and how
// many of the IDs lead to a trace.
func (d *doctor) logs(ctx context.Context, services []string) {
	if d.silent[setup.Loki] {
		return
	}
	lines, traced := 0, 0
	var silent, ids []string
	for _, s := range services {
		got, err := d.newestLines(ctx, s)
		if err != nil {
			d.fail("logs", err)
			return
		}
		if len(got) == 0 {
			silent = append(silent, s)
		}
		for _, l := range got {
			lines++
			if l.TraceID != "" {
				traced++
				ids = append(ids, l.TraceID)
			}
		}
	}
	d.tell("log lines: a trace ID", traced, lines, "lines are joined by service and time alone")
	d.joins(ctx, ids)
	d.withoutLines(ctx, silent)
}

// enoughLines of a service are a sample.
const enoughLines = 20

// newestLines are the lines of the shortest time before now that holds enough of
// them: of a longer one a source gives the earliest.
func (d *doctor) newestLines(ctx context.Context, service string) ([]evidence.LogLine, error) {
	for back := time.Minute; ; back *= 4 {
		w := d.window
		if w.Duration() > back {
			w.Start = w.End.Add(-back)
		}
		got, _, err := d.sources.Logs.Logs(ctx, evidence.LogQuery{Services: []string{service}, Window: w, Limit: sampleLimit})
		if err != nil || len(got) >= enoughLines || w == d.window {
			return got, err
		}
	}
}

// mostJoins bounds the traces that are looked up.
const mostJoins = 20

// joins looks traces up by the IDs in lines, evenly over all of them, so that no
// service is left out.
func (d *doctor) joins(ctx context.Context, ids []string) {
	slices.Sort(ids)
	ids = slices.Compact(ids)
	if d.sources.Traces == nil || d.silent[setup.Jaeger] || len(ids) == 0 {
		return
	}
	n, found := min(len(ids), mostJoins), 0
	for i := range n {
		_, err := d.sources.Traces.Trace(ctx, ids[i*len(ids)/n])
		switch {
		case err == nil:
			found++
		case !errors.Is(err, evidence.ErrNotFound):
			d.fail("traces", err)
			return
		}
	}
	d.tell("trace IDs in lines: a trace", found, n, "those lines are of traces that were not kept, or of another tracer")
}

// withoutLines says which services no line came from, and of those that no lines go by
// at all what there is instead.
func (d *doctor) withoutLines(ctx context.Context, services []string) {
	if len(services) == 0 {
		return
	}
	var words map[string]string
	if naming, ok := d.sources.Logs.(correlate.LogNaming); ok {
		var err error
		if words, err = naming.Unnamed(ctx, services, d.window); err != nil {
			d.fail("logs", err)
		}
	}
	var quiet, unnamed []string
	for _, s := range services {
		if words[s] != "" {
			unnamed = append(unnamed, s)
		} else {
			quiet = append(quiet, s)
		}
	}
	if len(quiet) > 0 {
		d.say("     no log lines from: %s", shorten(quiet, 8))
	}
	for _, s := range unnamed[:min(len(unnamed), mostRows)] {
		d.say("     no log lines from %s: %s", s, words[s])
	}
	if more := len(unnamed) - mostRows; more > 0 {
		d.say("     nor by the names of %d more", more)
	}
}
