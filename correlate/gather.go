package correlate

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

// gathered is what the sources told, in their own names, before it is joined.
type gathered struct {
	services  []string // that the trace source knows
	edges     []evidence.Edge
	alerting  []evidence.Series // the alerts' expressions, without thresholds
	exemplars []evidence.Exemplar
	traces    []sampledTrace
	logs      []evidence.LogLine
	unread    []evidence.Window // in which questions for lines had no answer, while others had
	metrics   []measuredSeries
	queries   []metricQuery     // that gave the metrics
	infos     []evidence.Series // build_info and the like, which tell versions
	changes   []evidence.Change
	step      time.Duration // of the metrics
}

// survey asks all sources. What the later questions depend on comes first: who
// exists, who calls whom, and what the alerting series looked like.
func (v *investigation) survey(ctx context.Context) {
	g := &v.gathered
	v.together(
		func() { g.services = v.askServices(ctx) },
		func() { g.edges = v.askGraph(ctx) },
		func() { g.changes = v.askChanges(ctx) },
		func() { g.exemplars = v.askExemplars(ctx) },
	)
	v.learnNames()
	found := v.discoverMetrics(ctx) // learns names too: nothing else may run
	v.together(
		func() { v.surveyMetrics(ctx, found) },
		func() { v.surveyTraces(ctx) },
		func() { v.surveyLogs(ctx) },
	)
	extra := v.logsOfTraces(ctx, v.unloggedFailures())
	g.logs = sortedLines(append(g.logs, extra...), v.options.Caps.LogLines)
}

// loggedTraces is for how many failing traces without a line among those read
// the lines are asked for by trace ID.
const loggedTraces = 12

// unloggedFailures are the IDs of failing traces that no line read so far
// carries, the wanted ones first, then by hash.
func (v *investigation) unloggedFailures() []string {
	have := map[string]bool{}
	for _, l := range v.gathered.logs {
		have[l.TraceID] = true
	}
	suspect := v.suspectWindow()
	var list []sampledTrace
	for _, t := range v.gathered.traces {
		failed := slices.ContainsFunc(t.Spans, func(s evidence.Span) bool { return s.Failed })
		if (failed || t.wanted) && !have[t.ID] && !t.Spans[0].Start.Before(suspect.Start) {
			list = append(list, t)
		}
	}
	slices.SortFunc(list, func(a, b sampledTrace) int {
		return cmp.Or(-compareBool(a.wanted, b.wanted), cmp.Compare(hashID(a.ID), hashID(b.ID)), cmp.Compare(a.ID, b.ID))
	})
	var ids []string
	for _, t := range list[:min(len(list), loggedTraces)] {
		ids = append(ids, t.ID)
	}
	return ids
}

func (v *investigation) askServices(ctx context.Context) []string {
	if v.sources.Traces == nil {
		v.ledger.absent("traces", "services with traces")
		return nil
	}
	list, _ := ask(ctx, v.asker, question{source: "traces", text: "services with traces", first: true}, func(ctx context.Context) answer[[]string] {
		names, err := v.sources.Traces.Services(ctx)
		return many(names, false, err)
	})
	return list
}

func (v *investigation) askGraph(ctx context.Context) []evidence.Edge {
	if v.sources.Graph == nil {
		v.ledger.absent("graph", "who calls whom")
		return nil
	}
	q := question{source: "graph", text: "who calls whom", window: v.span, first: true}
	list, _ := ask(ctx, v.asker, q, func(ctx context.Context) answer[[]evidence.Edge] {
		edges, err := v.sources.Graph.Dependencies(ctx, v.span)
		return many(edges, false, err)
	})
	return list
}

func (v *investigation) askExemplars(ctx context.Context) []evidence.Exemplar {
	if v.sources.Exemplars == nil || len(v.symptom.exprs) == 0 {
		return nil
	}
	w := v.suspectWindow()
	exprs := v.symptom.exprs[:min(len(v.symptom.exprs), 3)]
	got := make([][]evidence.Exemplar, len(exprs))
	var steps []func()
	for i, expr := range exprs {
		steps = append(steps, func() {
			q := question{source: "metrics", text: "exemplars of the alerting series", window: w, first: true}
			got[i], _ = ask(ctx, v.asker, q, func(ctx context.Context) answer[[]evidence.Exemplar] {
				es, err := v.sources.Exemplars.Exemplars(ctx, expr, w)
				return many(es, false, err)
			})
		})
	}
	v.together(steps...)
	return slices.Concat(got...)
}

// learnNames settles which names there are before anything else is asked:
// traces first, then the graph, then the alerts themselves.
func (v *investigation) learnNames() {
	for _, s := range slices.Sorted(slices.Values(v.gathered.services)) {
		v.names.add(s)
	}
	for _, e := range v.gathered.edges {
		v.names.add(e.Caller)
		v.names.add(e.Callee)
	}
	for _, c := range v.gathered.changes {
		if c.Service != "" {
			v.names.learn(c.Service)
		}
	}
	for _, s := range v.symptom.services {
		v.names.learn(s)
	}
}

// learn adds a name unless it already means an entity, as a pod's name does.
func (n *namer) learn(name string) {
	if _, ok := n.find(name); !ok {
		n.add(name)
	}
}

// window pieces, newest first

// The stores return the newest traces first when there are more than the
// limit, so one question over the whole window would see its last seconds
// only. Incidents are looked at minute by minute near the alert, coarser
// further back.
var suspectPieces = []time.Duration{time.Minute, time.Minute, time.Minute, 2 * time.Minute, 5 * time.Minute}

// pieces cuts the survey and the reference windows into the sub-windows that
// samples are taken from, in order of time.
func (v *investigation) pieces() []evidence.Window {
	var list []evidence.Window
	suspect := v.suspectWindow()
	// Both ends of the survey are included.
	end := suspect.End.Add(time.Nanosecond)
	for _, d := range suspectPieces {
		start := end.Add(-d)
		if !start.After(suspect.Start) {
			break
		}
		list = append(list, evidence.Window{Start: start, End: end})
		end = start
	}
	list = append(list, split(evidence.Window{Start: suspect.Start, End: end}, 5*time.Minute)...)
	list = append(list, split(evidence.Window{Start: v.span.Start, End: suspect.Start}, 10*time.Minute)...)
	for _, w := range v.req.Reference {
		list = append(list, split(w.UTC(), w.Duration()/referencePieces)...)
	}
	slices.SortFunc(list, func(a, b evidence.Window) int {
		return cmp.Or(a.Start.Compare(b.Start), a.End.Compare(b.End))
	})
	return slices.Compact(list)
}

// referencePieces is into how many pieces a window known to be fault-free is
// cut.
const referencePieces = 4

// split cuts a window into pieces of about the given length.
func split(w evidence.Window, length time.Duration) []evidence.Window {
	if w.Duration() == 0 || length <= 0 {
		return nil
	}
	n := max(1, int((w.Duration()+length/2)/length))
	list := make([]evidence.Window, 0, n)
	for i := range n {
		piece := evidence.Window{Start: w.Start.Add(w.Duration() * time.Duration(i) / time.Duration(n)), End: w.Start.Add(w.Duration() * time.Duration(i+1) / time.Duration(n))}
		list = append(list, piece)
	}
	return list
}
