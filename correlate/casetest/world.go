package casetest

import (
	"context"
	"fmt"
	rand "math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/gathered"
	"github.com/wherefore-dev/wherefore/correlate/metric"
	"github.com/wherefore-dev/wherefore/correlate/port"
)

// World is a small system that answers every port from memory: shop calls
// stock, and from the onset on stock fails at one line of code. Each port may
// be made slow, deaf to its context, broken, or shuffled.
type World struct {
	Traces  []evidence.Trace
	Lines   []evidence.LogLine
	Series  []evidence.Series
	changed []evidence.Change
	commits []evidence.Commit

	Shuffle *rand.Rand    // nil keeps the order
	Slow    time.Duration // before every answer of logs
	Deaf    bool          // logs ignore their context
	Fail    error         // of metrics
	Unread  time.Time     // logs of windows that hold this instant are not answered
	Panics  bool          // traces
	Strange []string      // services that no lines go by, for the logs
}

var (
	WorldNow   = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	WorldOnset = WorldNow.Add(-6 * time.Minute)
)

func NewWorld() *World {
	w := &World{}
	for i := range 160 {
		at := WorldNow.Add(-time.Duration(i)*15*time.Second - 5*time.Second)
		bad := at.After(WorldOnset)
		w.AddRequest(i, at, bad)
	}
	for i := range 90 {
		at := WorldNow.Add(-time.Duration(i) * 30 * time.Second)
		value := 0.01 + float64(i%3)/1000
		if at.After(WorldOnset) {
			value = 0.5
		}
		w.Series = appendSample(w.Series, "http_errors_ratio", map[string]string{"service": "shop"}, at, value)
		w.Series = appendSample(w.Series, "http_errors_ratio", map[string]string{"service": "stock"}, at, value)
	}
	for i := range w.Series {
		slices.Reverse(w.Series[i].Samples)
	}
	w.changed = []evidence.Change{{ID: "d1", Kind: evidence.ChangeDeploy, Service: "stock", Time: WorldOnset.Add(-2 * time.Minute), From: "v1", To: "v2", Commit: strings.Repeat("a", 40)}}
	w.commits = []evidence.Commit{{SHA: strings.Repeat("a", 40), Message: "reserve: drop the retry", Time: WorldOnset.Add(-time.Hour), Files: []string{"stock/reserve.go"}}}
	return w
}

func appendSample(list []evidence.Series, name string, labels map[string]string, at time.Time, value float64) []evidence.Series {
	for i := range list {
		if list[i].Name == name && metric.LabelsText(list[i].Labels) == metric.LabelsText(labels) {
			list[i].Samples = append(list[i].Samples, evidence.Sample{Time: at, Value: value})
			return list
		}
	}
	return append(list, evidence.Series{Name: name, Labels: labels, Kind: evidence.MetricGauge, Samples: []evidence.Sample{{Time: at, Value: value}}})
}

func (w *World) AddRequest(i int, at time.Time, bad bool) {
	id := fmt.Sprintf("%032x", i+1)
	span := func(n int, parent, service, op string, kind evidence.SpanKind, start, dur time.Duration) evidence.Span {
		return evidence.Span{TraceID: id, SpanID: fmt.Sprintf("%08x%08x", i+1, n), ParentID: parent, Service: service, Operation: op, Kind: kind, Start: at.Add(start), Duration: dur, Failed: bad}
	}
	root := span(1, "", "shop", "POST /order", evidence.SpanServer, 0, 90*time.Millisecond)
	call := span(2, root.SpanID, "shop", "stock.Reserve", evidence.SpanClient, 5*time.Millisecond, 70*time.Millisecond)
	serve := span(3, call.SpanID, "stock", "stock.Reserve", evidence.SpanServer, 10*time.Millisecond, 60*time.Millisecond)
	query := span(4, serve.SpanID, "stock", "SELECT", evidence.SpanClient, 15*time.Millisecond, 20*time.Millisecond)
	query.Failed = false
	query.Attributes = map[string]string{"db.system": "postgresql", "server.address": "stockdb:5432"}
	if bad {
		serve.Attributes = map[string]string{"code.file.path": "stock/reserve.go", "code.line.number": "41"}
		w.Lines = append(w.Lines, evidence.LogLine{Time: at.Add(20 * time.Millisecond), Service: "stock", Severity: evidence.SeverityError, Body: fmt.Sprintf("reserve %d: no connection left", i), TraceID: id, SpanID: serve.SpanID})
	} else {
		w.Lines = append(w.Lines, evidence.LogLine{Time: at.Add(20 * time.Millisecond), Service: "stock", Severity: evidence.SeverityInfo, Body: fmt.Sprintf("reserved %d", i), TraceID: id, SpanID: serve.SpanID})
	}
	w.Traces = append(w.Traces, evidence.Trace{ID: id, Spans: []evidence.Span{root, call, serve, query}})
}

func (w *World) Sources() port.Sources {
	return port.Sources{Traces: w, Graph: w, Logs: w, Metrics: w, Rules: w, Changes: []port.ChangeSource{w}, Code: w}
}

func (w *World) Request() gathered.Request {
	return gathered.Request{Now: WorldNow, Revision: 1, Alert: evidence.Alert{Receiver: "r", GroupKey: "g", Status: evidence.StatusFiring, Instances: []evidence.AlertInstance{{
		Status: evidence.StatusFiring, StartsAt: WorldNow, Labels: map[string]string{"alertname": "ShopFails", "service": "shop", "severity": "critical"},
	}}}}
}

func Mixed[T any](w *World, list []T) []T {
	list = slices.Clone(list)
	if w.Shuffle != nil {
		w.Shuffle.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
	}
	return list
}

func (w *World) Trace(_ context.Context, id string) (evidence.Trace, error) {
	for _, t := range w.Traces {
		if t.ID == id {
			return t, nil
		}
	}
	return evidence.Trace{}, fmt.Errorf("trace %s: %w", id, evidence.ErrNotFound)
}

func (w *World) FindTraces(_ context.Context, q evidence.TraceQuery) ([]evidence.Trace, bool, error) {
	if w.Panics {
		panic("out of its mind")
	}
	var list []evidence.Trace
	for _, t := range w.Traces { // newest first, as the stores do
		if slices.ContainsFunc(t.Spans, func(s evidence.Span) bool {
			return s.Service == q.Service && q.Window.Contains(s.Start) && (q.Tags["error"] == "" || s.Failed) && s.Duration >= q.MinDuration
		}) {
			t.Spans = slices.Clone(t.Spans)
			list = append(list, t)
		}
	}
	cut := len(list) > q.Limit
	return Mixed(w, list[:min(len(list), q.Limit)]), cut, nil
}

func (w *World) Services(context.Context) ([]string, error) {
	return Mixed(w, []string{"shop", "stock"}), nil
}

func (w *World) Dependencies(context.Context, evidence.Window) ([]evidence.Edge, error) {
	return []evidence.Edge{{Caller: "shop", Callee: "stock"}}, nil
}

func (w *World) Logs(ctx context.Context, q evidence.LogQuery) ([]evidence.LogLine, bool, error) {
	if w.Slow > 0 && w.Deaf {
		time.Sleep(w.Slow)
	} else if w.Slow > 0 {
		select {
		case <-time.After(w.Slow):
		case <-ctx.Done():
			return nil, false, ctx.Err()
		}
	}
	if !w.Unread.IsZero() && q.TraceID == "" && q.Window.Contains(w.Unread) {
		return nil, false, evidence.ErrUnavailable
	}
	var list []evidence.LogLine
	for _, l := range w.Lines {
		if q.Window.Contains(l.Time) && (len(q.Services) == 0 || slices.Contains(q.Services, l.Service)) && (q.TraceID == "" || l.TraceID == q.TraceID) && l.Severity >= q.MinSeverity {
			list = append(list, l)
		}
	}
	slices.SortFunc(list, gathered.CompareLines)
	cut := len(list) > q.Limit
	return Mixed(w, list[:min(len(list), q.Limit)]), cut, nil
}

// Unnamed says of the strange services that there are none of their lines.
func (w *World) Unnamed(_ context.Context, services []string, _ evidence.Window) (map[string]string, error) {
	words := map[string]string{}
	for _, s := range services {
		if slices.Contains(w.Strange, s) {
			words[s] = "nothing goes by " + s
		}
	}
	return words, nil
}

func (w *World) ListSeries(_ context.Context, selectors []string, _ evidence.Window) ([]evidence.Series, bool, error) {
	if w.Fail != nil {
		return nil, false, w.Fail
	}
	if !strings.Contains(selectors[0], "{service=~") {
		return nil, false, nil
	}
	var list []evidence.Series
	for _, s := range w.Series {
		list = append(list, evidence.Series{Name: s.Name, Labels: s.Labels, Kind: s.Kind})
	}
	return Mixed(w, list), false, nil
}

func (w *World) QueryRange(_ context.Context, expr string, win evidence.Window, _ time.Duration) ([]evidence.Series, error) {
	if w.Fail != nil {
		return nil, w.Fail
	}
	if !strings.HasPrefix(expr, "last_over_time") {
		return nil, nil
	}
	var list []evidence.Series
	for _, s := range w.Series {
		in := evidence.Series{Name: s.Name, Labels: s.Labels, Expr: expr}
		for _, sample := range s.Samples {
			if win.Contains(sample.Time) || sample.Time.Equal(win.End) {
				in.Samples = append(in.Samples, sample)
			}
		}
		list = append(list, in)
	}
	return Mixed(w, list), nil
}

func (w *World) Rules(context.Context) ([]evidence.Rule, error) {
	return []evidence.Rule{{Name: "ShopFails", Expr: `http_errors_ratio{service="shop"} > 0.1`, For: time.Minute}}, nil
}

func (w *World) Changes(_ context.Context, win evidence.Window) ([]evidence.Change, error) {
	return Mixed(w, slices.DeleteFunc(slices.Clone(w.changed), func(c evidence.Change) bool { return !win.Contains(c.Time) })), nil
}

func (w *World) Commits(_ context.Context, q evidence.CommitQuery) ([]evidence.Commit, error) {
	if q.Service != "" && q.Service != "stock" {
		return nil, evidence.ErrNotFound
	}
	return Mixed(w, w.commits), nil
}

func (w *World) Blame(_ context.Context, service string, f evidence.Frame, revision string) (evidence.Blame, error) {
	if service != "stock" || f.Line != 41 {
		return evidence.Blame{}, evidence.ErrNotFound
	}
	return evidence.Blame{
		Ref:   evidence.CodeRef{Path: f.File, Line: f.Line, Revision: revision, Rung: f.Rung},
		Lines: []evidence.BlameLine{{Line: 41, Text: "return errNoConnection", Commit: strings.Repeat("a", 40)}},
	}, nil
}
