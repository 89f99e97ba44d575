package gather

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/topology"
)

// traceQuestion is one question for traces, and what came of it.
type traceQuestion struct {
	query    evidence.TraceQuery
	topic    evidence.Topic
	unbiased bool
	got      []evidence.Trace
}

// sampleServices asks about some services in three rounds, each in the order of the
// services: the failing traces of the suspect window, with the newest normal ones to
// hold them against; then the slow ones, measured against these; then an unbiased
// sample of every sub-window, the most telling first, and what failed before.
func (v *Investigation) sampleServices(ctx context.Context, pool *tracePool, services []string) {
	limit := v.options.Caps.TracesPerService
	suspect := v.suspectWindow()
	suspect.End = suspect.End.Add(time.Nanosecond)
	failing := map[string]string{"error": "true"}
	normal, samples := v.byWorth(v.pieces())
	sample := func(s string, w evidence.Window) *traceQuestion {
		return &traceQuestion{query: evidence.TraceQuery{Service: s, Window: w, Limit: limit}, topic: evidence.TopicTraceSample, unbiased: true}
	}
	var round []*traceQuestion
	for _, s := range services {
		round = append(round, &traceQuestion{query: evidence.TraceQuery{Service: s, Window: suspect, Tags: failing, Limit: limit}, topic: evidence.TopicFailing})
		for _, w := range normal {
			round = append(round, sample(s, w))
		}
	}
	v.askTraces(ctx, pool, round)
	v.askTraces(ctx, pool, v.slowOnes(pool, services, suspect))
	round = nil
	for _, w := range samples {
		for _, s := range services {
			round = append(round, sample(s, w))
		}
	}
	for _, s := range services {
		before := evidence.Window{Start: v.span.Start, End: suspect.Start}
		round = append(round, &traceQuestion{query: evidence.TraceQuery{Service: s, Window: before, Tags: failing, Limit: limit / v.by().FailedPart}, topic: evidence.TopicFailingBefore})
	}
	v.askTraces(ctx, pool, round)
}

// slowOnes asks for traces that took several times as long as usual.
func (v *Investigation) slowOnes(pool *tracePool, services []string, suspect evidence.Window) []*traceQuestion {
	var list []*traceQuestion
	for _, s := range services {
		if d := pool.usual(s, suspect.Start); d > 0 {
			list = append(list, &traceQuestion{query: evidence.TraceQuery{Service: s, Window: suspect, MinDuration: time.Duration(v.by().Slow) * d, Limit: v.options.Caps.TracesPerService / v.by().SlowPart}, topic: evidence.TopicSlow})
		}
	}
	return list
}

// askTraces puts questions in their order, several at once, and keeps what they bring.
func (v *Investigation) askTraces(ctx context.Context, pool *tracePool, list []*traceQuestion) {
	var steps []func()
	for _, q := range list {
		steps = append(steps, func() { q.got = v.findTraces(ctx, q.topic, q.query) })
	}
	v.Together(steps...)
	for _, q := range list {
		pool.put(q.got, q.unbiased, false, evidence.CallID{Source: "traces", Row: q.topic, Query: q.query.String()})
	}
}

// byWorth puts sub-windows in the order of what they tell: those of the suspect
// window and of normal time in turn, the nearest to the alert first. The newest
// normal one, if there is any, is given apart: what is slow is measured against it.
func (v *Investigation) byWorth(pieces []evidence.Window) (normal, rest []evidence.Window) {
	suspect := v.suspectWindow()
	var sides [2][]evidence.Window
	for _, w := range slices.Backward(pieces) { // in order of time
		side := 1
		if w.Start.Before(suspect.Start) {
			side = 0
		}
		sides[side] = append(sides[side], w)
	}
	if len(sides[0]) > 0 {
		normal, sides[0] = sides[0][:1], sides[0][1:]
	}
	for i := range max(len(sides[0]), len(sides[1])) {
		for _, side := range []int{1, 0} {
			if i < len(sides[side]) {
				rest = append(rest, sides[side][i])
			}
		}
	}
	return normal, rest
}

// byDistance splits services into those that calls join to the alerting ones, by
// the number of calls between and then by name, and the others, no more of both than
// are asked about. Call graphs have
// holes: who shares a trace with an alerting service is near whatever they say. Where
// nothing is known of an alerting service's calls, nobody is a stranger.
func (v *Investigation) byDistance(pool *tracePool, services []string) (near, strangers []string) {
	distance := v.distances(pool)
	for _, s := range services {
		if _, ok := distance[v.names.Name(s)]; ok || len(distance) <= len(v.alertingNames()) {
			near = append(near, s)
		} else {
			strangers = append(strangers, s)
		}
	}
	slices.SortStableFunc(near, func(a, b string) int {
		return cmp.Compare(distance[v.names.Name(a)], distance[v.names.Name(b)])
	})
	near = near[:min(len(near), v.options.Caps.Services)]
	return near, strangers[:min(len(strangers), v.options.Caps.Services-len(near))]
}

// distances are how many calls, in whichever direction, lie between an alerting
// entity and each that is joined to one.
func (v *Investigation) distances(pool *tracePool) map[string]int {
	var calls []evidence.Edge
	for _, e := range v.answers.edges {
		calls = append(calls, evidence.Edge{Caller: v.names.Name(e.Caller), Callee: v.names.Name(e.Callee)})
	}
	alerting := v.alertingNames()
	for _, t := range pool.byID { // what is joined does not depend on the order
		there := map[string]bool{}
		for i := range t.Spans {
			there[v.names.Name(t.Spans[i].Service)] = true
		}
		for a := range alerting {
			for b := range there {
				if there[a] && !alerting[b] {
					calls = append(calls, evidence.Edge{Caller: a, Callee: b})
				}
			}
		}
	}
	return topology.NewGraph(calls).Around(slices.Collect(maps.Keys(alerting))...)
}
