package record

import (
	"context"
	"fmt"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/sources/bundle"
)

// shortest is the window that is not halved again when it holds more traces
// than a store returns.
const shortest = time.Millisecond

// traces records the traces of each service, once each.
func (r *recorder) traces(ctx context.Context) error {
	if r.Traces == nil {
		r.absent(bundle.SourceTraces)
		return nil
	}
	services := r.o.Services
	if len(services) == 0 {
		ok, err := r.ask(ctx, bundle.SourceTraces, bundle.ServicesQueryText, evidence.Window{}, func() (int, error) {
			var err error
			services, err = r.Traces.Services(ctx)
			return len(services), err
		})
		if err != nil || !ok {
			return err
		}
	}
	services = r.firstOnes(services)
	seen := map[string]bool{}
	for i, service := range services {
		r.o.Progress("traces", i, len(services))
		if err := r.tracesOf(ctx, service, r.o.Window, seen); err != nil {
			return err
		}
	}
	r.o.Progress("traces", len(services), len(services))
	return nil
}

// tracesOf records the traces of a service that were not seen yet. A store
// returns the newest of too many, so that the window is halved until it returns
// all; the coverage names the parts that were asked.
func (r *recorder) tracesOf(ctx context.Context, service string, w evidence.Window, seen map[string]bool) error {
	q := evidence.TraceQuery{Service: service, Window: w, Limit: 1 << 30} // as many as the adapter gives
	text := bundle.FindTracesQueryText(q)
	if r.counts.Spans >= r.o.MaxSpans {
		r.cut(bundle.SourceTraces, text, fmt.Sprintf("stopped at %d spans", r.o.MaxSpans))
		return nil
	}
	r.o.Pause(ctx)
	began := r.o.Now()
	traces, truncated, err := r.Traces.FindTraces(ctx, q)
	if err == nil && truncated && w.Duration() > shortest {
		middle := w.Start.Add(w.Duration() / 2).Truncate(shortest)
		if middle.After(w.Start) {
			for _, half := range []evidence.Window{{Start: middle, End: w.End}, {Start: w.Start, End: middle}} {
				if err := r.tracesOf(ctx, service, half, seen); err != nil {
					return err
				}
			}
			return nil
		}
	}
	c := evidence.Coverage{Source: bundle.SourceTraces, Query: text, Window: w, At: began.UTC().Round(0), Took: r.o.Now().Sub(began)}
	for _, t := range traces {
		truncated = truncated || t.Truncated
		if seen[t.ID] {
			continue
		}
		seen[t.ID] = true
		c.Count += len(t.Spans)
		r.counts.Traces++
		if err := r.w.Spans(t.Spans...); err != nil {
			return err
		}
	}
	r.counts.Spans += c.Count
	switch {
	case truncated:
		c.Status = evidence.CoverageTruncated
	case len(traces) > 0: // with traces that other services had, even if none is new
		c.Status = evidence.CoverageAnswered
	}
	_, err = r.note(ctx, c, err)
	return err
}

func (r *recorder) graph(ctx context.Context) error {
	if r.Traces == nil {
		r.absent(bundle.SourceGraph)
		return nil
	}
	var edges []evidence.Edge
	ok, err := r.ask(ctx, bundle.SourceGraph, bundle.WindowQueryText("dependencies", r.o.Window), r.o.Window, func() (int, error) {
		var err error
		edges, err = r.Traces.Dependencies(ctx, r.o.Window)
		return len(edges), err
	})
	if err != nil || !ok {
		return err
	}
	r.counts.Edges = len(edges)
	return r.w.Edges(edges...)
}
