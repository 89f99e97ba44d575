package gather

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/ask"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/gathered"
	"github.com/wherefore-dev/wherefore/correlate/outcome"
	"github.com/wherefore-dev/wherefore/correlate/stat"
	"github.com/wherefore-dev/wherefore/correlate/topology"
)

// sampledTrace is a trace and how it was found.
type sampledTrace struct {
	evidence.Trace
	// unbiased is true when it was not picked for failing or being slow.
	unbiased bool
	// wanted is true when an exemplar or a person named it: never cut.
	wanted bool
	by     []evidence.CallID // the calls that brought it
}

// tracePool collects traces once each.
type tracePool struct {
	byID map[string]*sampledTrace
}

func (p *tracePool) put(traces []evidence.Trace, unbiased, wanted bool, by evidence.CallID) {
	for _, t := range traces {
		outcome.Settle(&t)
		have := p.byID[t.ID]
		if have == nil {
			have = &sampledTrace{Trace: t}
			p.byID[t.ID] = have
		} else if len(t.Spans) > len(have.Spans) {
			have.Trace = t
		}
		have.unbiased = have.unbiased || unbiased
		have.wanted = have.wanted || wanted
		if !slices.Contains(have.by, by) && by != (evidence.CallID{}) {
			have.by = append(have.by, by)
		}
	}
}

// surveyTraces takes samples of every service's traces in the order of what they
// can tell, so that a backend whose answers end drops the least of it: the alerting
// services, then those that calls join to them and that their traces do not show
// well enough, nearest first, then those of which no call is known.
func (v *Investigation) surveyTraces(ctx context.Context) {
	if v.sources.Traces == nil {
		return
	}
	pool := &tracePool{byID: map[string]*sampledTrace{}}
	if t := v.symptom.trace; t != nil {
		pool.put([]evidence.Trace{*t}, false, true, evidence.CallID{})
	}
	v.tracesOfExemplars(ctx, pool)

	first, rest := v.servicesToTrace()
	v.sampleServices(ctx, pool, first)
	near, strangers := v.byDistance(pool, rest)
	for _, group := range [][]string{near, strangers} {
		v.sampleServices(ctx, pool, slices.DeleteFunc(group, func(s string) bool { return pool.shows(s, v.suspectWindow()) >= v.by().Enough }))
	}
	v.tracesBehindLinks(ctx, pool)
	v.answers.traces = pool.cut(v.options.Caps.Spans)
}

// servicesToTrace lists the trace source's own names of the alerting services,
// and of all others, by name.
func (v *Investigation) servicesToTrace() (first, rest []string) {
	alerting := v.alertingNames()
	for _, s := range v.answers.services {
		if alerting[v.names.Name(s)] {
			first = append(first, s)
		} else {
			rest = append(rest, s)
		}
	}
	slices.Sort(rest)
	for _, s := range v.symptom.services {
		if !slices.ContainsFunc(first, func(f string) bool { return v.names.Name(f) == v.names.Name(s) }) && len(v.answers.services) > 0 {
			v.Ledger.Unresolved("traces", evidence.TopicTracesOf.Of(s), s, "the trace source knows no service of this name; "+topology.AliasHint(s, v.answers.services))
		}
	}
	return first, rest
}

// alertingNames are the entities that the alert names.
func (v *Investigation) alertingNames() map[string]bool {
	alerting := map[string]bool{}
	for _, s := range v.symptom.services {
		alerting[v.names.Name(s)] = true
	}
	return alerting
}

func (v *Investigation) findTraces(ctx context.Context, topic evidence.Topic, tq evidence.TraceQuery) []evidence.Trace {
	list, _ := ask.Put(ctx, v.Asker, ask.Question{Source: "traces", Topic: topic, Window: tq.Window, Exact: tq.String(), Service: tq.Service}, func(ctx context.Context) ask.Answer[[]evidence.Trace] {
		traces, truncated, err := v.sources.Traces.FindTraces(ctx, tq)
		spans := 0
		for _, t := range traces {
			spans += len(t.Spans)
		}
		return ask.Answer[[]evidence.Trace]{Value: traces, Count: spans, Truncated: truncated, Err: err}
	})
	return list
}

// shows counts the traces of a window in which a service has a span.
func (p *tracePool) shows(service string, w evidence.Window) int {
	n := 0
	for _, t := range p.byID {
		if slices.ContainsFunc(t.Spans, func(s evidence.Span) bool { return s.Service == service && !s.Start.Before(w.Start) }) {
			n++
		}
	}
	return n
}

// usual is the median duration of a service's entry spans in the sample of normal
// time, and of the whole sample where that holds none.
func (p *tracePool) usual(service string, suspect time.Time) time.Duration {
	var normal, all []float64
	for _, t := range p.byID {
		if !t.unbiased {
			continue
		}
		for _, s := range t.Spans {
			if s.Service == service {
				if all = append(all, float64(s.Duration)); s.Start.Before(suspect) {
					normal = append(normal, float64(s.Duration))
				}
				break // spans are in order of start: the first is the entry
			}
		}
	}
	if len(normal) > 0 {
		all = normal
	}
	return time.Duration(stat.Median(all))
}

// cut returns the traces in order of first start, then ID. Above the limit of
// spans it keeps the wanted ones, then by a hash of the ID, which has nothing
// to do with time, service or outcome.
func (p *tracePool) cut(spans int) []sampledTrace {
	list := make([]sampledTrace, 0, len(p.byID))
	for _, t := range p.byID {
		if len(t.Spans) > 0 {
			list = append(list, *t)
		}
	}
	slices.SortFunc(list, func(a, b sampledTrace) int {
		return cmp.Or(-gathered.CompareBool(a.wanted, b.wanted), cmp.Compare(gathered.HashID(a.ID), gathered.HashID(b.ID)), cmp.Compare(a.ID, b.ID))
	})
	n := 0
	for i, t := range list {
		if n += len(t.Spans); n > spans {
			list = list[:i]
			break
		}
	}
	slices.SortFunc(list, func(a, b sampledTrace) int {
		return cmp.Or(a.Spans[0].Start.Compare(b.Spans[0].Start), cmp.Compare(a.ID, b.ID))
	})
	return list
}
