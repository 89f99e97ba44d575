package gather

import (
	"cmp"
	"context"
	"slices"

	"github.com/wherefore-dev/wherefore/correlate/ask"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/gathered"
)

// Bounds on the traces that are fetched since something names them.
const (
	mostNamed  = 10
	mostLinked = 3 // of one consumer
)

// tracesOfExemplars fetches the traces that the alerting series' exemplars name,
// at most a few.
func (v *Investigation) tracesOfExemplars(ctx context.Context, pool *tracePool) {
	var ids []string
	for _, e := range v.answers.exemplars {
		if e.TraceID != "" && !slices.Contains(ids, e.TraceID) {
			ids = append(ids, e.TraceID)
		}
	}
	v.fetchTraces(ctx, pool, evidence.TopicBehindExemplars, ids[:min(len(ids), mostNamed)], true)
}

// tracesBehindLinks fetches the traces that consumers link to and no sample holds:
// who produced what they failed on stands there only. A few of each consumer show
// whom it hears from; the failing ones come first.
func (v *Investigation) tracesBehindLinks(ctx context.Context, pool *tracePool) {
	type link struct {
		consumer, id string
		failed       bool
	}
	var links []link
	suspect := v.suspectWindow()
	for _, t := range pool.byID { // sorted below
		for i := range t.Spans {
			s := &t.Spans[i]
			for _, l := range s.Links {
				if pool.byID[l.TraceID] == nil && !s.Start.Before(suspect.Start) {
					links = append(links, link{s.Service, l.TraceID, s.Failed})
				}
			}
		}
	}
	slices.SortFunc(links, func(a, b link) int {
		return cmp.Or(-gathered.CompareBool(a.failed, b.failed), cmp.Compare(gathered.HashID(a.id), gathered.HashID(b.id)), cmp.Compare(a.id, b.id), cmp.Compare(a.consumer, b.consumer))
	})
	of := map[string]int{}
	var ids []string
	for _, l := range links {
		if len(ids) < mostNamed && of[l.consumer] < mostLinked && !slices.Contains(ids, l.id) {
			of[l.consumer]++
			ids = append(ids, l.id)
		}
	}
	v.fetchTraces(ctx, pool, evidence.TopicBehindSpanLinks, ids, false)
}

// fetchTraces asks for traces one by one; one that is gone was never sampled and
// is left out.
func (v *Investigation) fetchTraces(ctx context.Context, pool *tracePool, topic evidence.Topic, ids []string, wanted bool) {
	found := make([]evidence.Trace, len(ids))
	var steps []func()
	for i, id := range ids {
		steps = append(steps, func() {
			q := ask.Question{Source: "traces", Topic: topic}
			found[i], _ = ask.Put(ctx, v.Asker, q, func(ctx context.Context) ask.Answer[evidence.Trace] {
				t, err := v.sources.Traces.Trace(ctx, id)
				return ask.Answer[evidence.Trace]{Value: t, Count: len(t.Spans), Err: err}
			})
		})
	}
	v.Together(steps...)
	for _, t := range found {
		if t.ID != "" {
			pool.put([]evidence.Trace{t}, false, wanted, evidence.CallID{Source: "traces", Row: topic})
		}
	}
}
