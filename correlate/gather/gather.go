package gather

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/ask"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/gathered"
	"github.com/wherefore-dev/wherefore/correlate/metric"
)

// answers is what the sources told, in their own names, before it is joined.
type answers struct {
	services  []string // that the trace source knows
	edges     []evidence.Edge
	alerting  []evidence.Series // the alerts' expressions, without thresholds
	budget    []evidence.Series // of the objectives, beyond the alerts' own
	exemplars []evidence.Exemplar
	traces    []sampledTrace
	logs      []evidence.LogLine
	unread    []evidence.Window // in which questions for lines had no answer, while others had
	metrics   []measuredSeries
	queries   []metricQuery     // that gave the metrics
	infos     []evidence.Series // build_info and the like, which tell versions
	changes   []evidence.Change
	events    []evidence.LogLine // of Kubernetes
	states    []evidence.Series  // of what does not run, by Kubernetes
	pods      []evidence.Series  // with the labels of pods
	addresses map[string]string  // that the platform gave out, to their owners' names
	spelled   metric.Spelling    // the metric source's own, of names that the engine knows otherwise
	step      time.Duration      // of the metrics
}

// survey asks all sources. What the later questions depend on comes first: who
// exists, who calls whom, and what the alerting series looked like.
func (v *Investigation) survey(ctx context.Context) {
	g := &v.answers
	v.Together(
		func() { g.services = v.askServices(ctx) },
		func() { g.edges = v.askGraph(ctx) },
		func() { g.changes = v.askChanges(ctx) },
		func() { g.exemplars = v.askExemplars(ctx) },
		func() { g.events = v.askEvents(ctx) },
	)
	v.learnNames()
	found := v.discoverMetrics(ctx) // learns names too: nothing else may run
	if v.sources.Metrics != nil {
		g.step = v.sampleSpacing(ctx, found) // every later question of metrics is asked with it
	}
	v.Together(
		func() { g.states, g.pods = v.askStates(ctx, found) },
		func() { v.surveyMetrics(ctx, found) },
		func() { v.surveyTraces(ctx) },
		func() { v.surveyLogs(ctx) },
	)
	var ofPeers, ofTraces []evidence.LogLine
	v.Together(
		func() { ofPeers = v.surveyPeers(ctx) },
		func() { ofTraces = v.logsOfTraces(ctx, v.unloggedFailures()) },
	)
	g.logs = sortedLines(slices.Concat(g.logs, ofPeers, ofTraces), v.options.Caps.LogLines)
	g.addresses = v.askAddresses(ctx)
}

// mostLogged is for how many failing traces without a line among those read
// the lines are asked for by trace ID.
const mostLogged = 12

// unloggedFailures are the IDs of failing traces that no line read so far
// carries, the wanted ones first, then by hash.
func (v *Investigation) unloggedFailures() []string {
	have := map[string]bool{}
	for _, l := range v.answers.logs {
		have[l.TraceID] = true
	}
	suspect := v.suspectWindow()
	var list []sampledTrace
	for _, t := range v.answers.traces {
		failed := slices.ContainsFunc(t.Spans, func(s evidence.Span) bool { return s.Failed })
		if (failed || t.wanted) && !have[t.ID] && !t.Spans[0].Start.Before(suspect.Start) {
			list = append(list, t)
		}
	}
	slices.SortFunc(list, func(a, b sampledTrace) int {
		return cmp.Or(-gathered.CompareBool(a.wanted, b.wanted), cmp.Compare(gathered.HashID(a.ID), gathered.HashID(b.ID)), cmp.Compare(a.ID, b.ID))
	})
	var ids []string
	for _, t := range list[:min(len(list), mostLogged)] {
		ids = append(ids, t.ID)
	}
	return ids
}

func (v *Investigation) askServices(ctx context.Context) []string {
	if v.sources.Traces == nil {
		v.Ledger.Absent("traces", evidence.TopicServices)
		return nil
	}
	list, _ := ask.Put(ctx, v.Asker, ask.Question{Source: "traces", Topic: evidence.TopicServices, First: true}, func(ctx context.Context) ask.Answer[[]string] {
		names, err := v.sources.Traces.Services(ctx)
		return ask.Many(names, false, err)
	})
	return list
}

func (v *Investigation) askGraph(ctx context.Context) []evidence.Edge {
	if v.sources.Graph == nil {
		v.Ledger.Absent("graph", evidence.TopicGraph)
		return nil
	}
	q := ask.Question{Source: "graph", Topic: evidence.TopicGraph, Window: v.span, First: true}
	list, _ := ask.Put(ctx, v.Asker, q, func(ctx context.Context) ask.Answer[[]evidence.Edge] {
		edges, err := v.sources.Graph.Dependencies(ctx, v.span)
		return ask.Many(edges, false, err)
	})
	return list
}

func (v *Investigation) askExemplars(ctx context.Context) []evidence.Exemplar {
	if v.sources.Exemplars == nil || len(v.symptom.exprs) == 0 {
		return nil
	}
	w := v.suspectWindow()
	exprs := v.symptom.exprs[:min(len(v.symptom.exprs), 3)]
	got := make([][]evidence.Exemplar, len(exprs))
	var steps []func()
	for i, expr := range exprs {
		steps = append(steps, func() {
			q := ask.Question{Source: "metrics", Topic: evidence.TopicExemplars, Window: w, First: true}
			got[i], _ = ask.Put(ctx, v.Asker, q, func(ctx context.Context) ask.Answer[[]evidence.Exemplar] {
				es, err := v.sources.Exemplars.Exemplars(ctx, expr, w)
				return ask.Many(es, false, err)
			})
		})
	}
	v.Together(steps...)
	return slices.Concat(got...)
}

// learnNames settles which names there are before anything else is asked:
// traces first, then the graph, then the alerts themselves.
func (v *Investigation) learnNames() {
	for _, s := range slices.Sorted(slices.Values(v.answers.services)) {
		v.names.Add(s)
	}
	for _, e := range v.answers.edges {
		v.names.Add(e.Caller)
		v.names.Add(e.Callee)
	}
	for _, c := range v.answers.changes {
		if c.Service != "" {
			v.names.Learn(c.Service)
		}
	}
	v.settleSymptom()
}

// window pieces, newest first

// The stores return the newest traces first when there are more than the
// limit, so one question over the whole window would see its last seconds
// only. Incidents are looked at minute by minute near the alert, coarser
// further back.

// pieces cuts the survey and the reference windows into the sub-windows that
// samples are taken from, in order of time.
func (v *Investigation) pieces() []evidence.Window {
	var list []evidence.Window
	suspect := v.suspectWindow()
	// Both ends of the survey are included.
	end := suspect.End.Add(time.Nanosecond)
	for _, d := range v.by().Pieces {
		start := end.Add(-d)
		if !start.After(suspect.Start) {
			break
		}
		list = append(list, evidence.Window{Start: start, End: end})
		end = start
	}
	list = append(list, split(evidence.Window{Start: suspect.Start, End: end}, v.by().Later)...)
	list = append(list, split(evidence.Window{Start: v.span.Start, End: suspect.Start}, v.by().Normal)...)
	for _, w := range v.req.Reference {
		list = append(list, split(w.UTC(), w.Duration()/time.Duration(v.by().Reference))...)
	}
	slices.SortFunc(list, func(a, b evidence.Window) int {
		return cmp.Or(a.Start.Compare(b.Start), a.End.Compare(b.End))
	})
	return slices.Compact(list)
}

// mostPieces is into how many pieces a window is cut at most: each is a question
// of its own to every source.
const mostPieces = 288

// split cuts a window into pieces of about the given length, longer ones when
// they would be too many.
func split(w evidence.Window, length time.Duration) []evidence.Window {
	if w.Duration() == 0 || length <= 0 {
		return nil
	}
	n := min(max(1, int((w.Duration()+length/2)/length)), mostPieces)
	list := make([]evidence.Window, 0, n)
	for i := range n {
		piece := evidence.Window{Start: w.Start.Add(w.Duration() * time.Duration(i) / time.Duration(n)), End: w.Start.Add(w.Duration() * time.Duration(i+1) / time.Duration(n))}
		list = append(list, piece)
	}
	return list
}
