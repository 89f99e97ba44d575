package gather

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/wherefore-dev/wherefore/correlate/ask"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/gathered"
	"github.com/wherefore-dev/wherefore/correlate/metric"
	"github.com/wherefore-dev/wherefore/correlate/port"
	"github.com/wherefore-dev/wherefore/correlate/topology"
)

// surveyLogs reads the lines of all services piece by piece. One question
// covers all services as long as its answer is not cut; where it is, every
// service is asked for itself, so that a chatty one does not drown the rest.
func (v *Investigation) surveyLogs(ctx context.Context) {
	if v.sources.Logs == nil {
		v.Ledger.Absent("logs", evidence.TopicLines)
		return
	}
	services := v.logServices()
	pieces := v.pieces()
	got, read := make([][]evidence.LogLine, len(pieces)), make([]bool, len(pieces))
	var steps []func()
	if len(services) > 0 {
		normal, rest := v.byWorth(pieces)
		for _, w := range slices.Concat(rest[:min(1, len(rest))], normal, rest[min(1, len(rest)):]) {
			i := slices.Index(pieces, w)
			steps = append(steps, func() { got[i], read[i] = v.linesOf(ctx, services, w, len(pieces)) })
		}
	}
	templates := make([][]evidence.LogLine, len(v.options.LogQL))
	for i, expr := range v.options.LogQL {
		steps = append(steps, func() { templates[i] = v.linesByTemplate(ctx, expr) })
	}
	v.Together(steps...)
	for i, w := range pieces {
		if !read[i] && slices.Contains(read, true) {
			v.answers.unread = append(v.answers.unread, w)
			v.Ledger.Missing("logs", evidence.TopicLines, w)
		}
	}
	for _, w := range v.unrecorded() {
		v.answers.unread = append(v.answers.unread, w)
		v.Ledger.Missing("logs", evidence.TopicLines, w)
	}
	if slices.Contains(read, true) {
		v.sayUnnamed(ctx, services)
	}
	v.answers.logs = sortedLines(slices.Concat(slices.Concat(got...), slices.Concat(templates...)), v.options.Caps.LogLines)
}

// unrecorded are the parts of the survey whose lines a recording does not hold
// since nobody answered when it was made; the whole of it is the source's failure.
func (v *Investigation) unrecorded() []evidence.Window {
	recorded, ok := v.sources.Recorded.(port.GapSource)
	if !ok {
		return nil
	}
	var list []evidence.Window
	for _, w := range recorded.Gaps("logs") {
		w = evidence.Window{Start: evidence.Later(w.Start, v.span.Start), End: evidence.Earlier(w.End, v.span.End)}
		if d := w.Duration(); d > 0 && d < v.span.Duration() {
			list = append(list, w)
		}
	}
	return list
}

// logServices are the names under which lines are asked for.
func (v *Investigation) logServices() []string {
	names := v.names.Known()
	for alias := range v.options.Names.Aliases {
		names = append(names, alias)
	}
	slices.Sort(names)
	names = slices.Compact(names)
	return names[:min(len(names), v.options.Caps.Services)]
}

// surveyPeers reads the lines of what the traces call and no other source named
// before they were read, as a database that writes a log of its own.
func (v *Investigation) surveyPeers(ctx context.Context) []evidence.LogLine {
	if v.sources.Logs == nil {
		return nil
	}
	asked, peers := v.logServices(), []string(nil)
	for _, t := range v.answers.traces {
		for i := range t.Spans {
			p, ok := topology.PeerOf(t.Spans[i])
			if !ok || p.Kind == evidence.KindExternal && topology.IsAddress(p.Name) || slices.Contains(peers, p.Name) {
				continue
			}
			if name := v.names.Name(p.Name); !slices.Contains(asked, name) && !slices.Contains(asked, p.Name) {
				peers = append(peers, p.Name)
			}
		}
	}
	if len(peers) == 0 {
		return nil
	}
	slices.Sort(peers)
	peers = peers[:min(len(peers), max(0, v.options.Caps.Services-len(asked)))]
	lines, _, _ := v.askLogs(ctx, evidence.TopicLines, evidence.LogQuery{Services: peers, Window: v.span, Limit: v.options.Caps.LinesPerService}, true)
	return lines
}

// linesOf reads one piece: everything when it fits, else each service up to its
// limit and the warnings and errors besides. It reports whether all questions
// were answered.
func (v *Investigation) linesOf(ctx context.Context, services []string, w evidence.Window, pieces int) ([]evidence.LogLine, bool) {
	limit := max(v.options.Caps.LinesPerService, v.options.Caps.LogLines/max(pieces, 1))
	lines, truncated, read := v.askLogs(ctx, evidence.TopicLines, evidence.LogQuery{Services: services, Window: w, Limit: limit}, len(services) == 1)
	if !truncated || len(services) == 1 {
		return lines, read
	}
	var all []evidence.LogLine
	perService := max(v.by().Lines, v.options.Caps.LinesPerService/max(pieces/2, 1))
	for _, s := range services {
		own, cut, answered := v.askLogs(ctx, evidence.TopicLines, evidence.LogQuery{Services: []string{s}, Window: w, Limit: perService}, true)
		all = append(all, own...)
		read = read && answered
		if cut {
			bad, _, _ := v.askLogs(ctx, evidence.TopicWarnings, evidence.LogQuery{Services: []string{s}, MinSeverity: evidence.SeverityWarn, Window: w, Limit: perService}, true)
			all = append(all, bad...)
		}
	}
	return all, read
}

func (v *Investigation) linesByTemplate(ctx context.Context, template string) []evidence.LogLine {
	var all []evidence.LogLine
	names := []string{""}
	if strings.Contains(template, "{entity}") {
		names = nil
		for _, s := range v.symptom.services {
			names = append(names, v.names.Name(s))
		}
	}
	for _, name := range names {
		expr := strings.ReplaceAll(template, "{entity}", metric.QuoteLabel(name))
		lines, _, _ := v.askLogs(ctx, evidence.TopicConfiguredQuery.Of(template), evidence.LogQuery{Expr: expr, Window: v.suspectWindow(), Limit: v.options.Caps.LinesPerService}, true)
		all = append(all, lines...)
	}
	return all
}

// askLogs asks one question. A truncated answer is recorded as such only when
// nobody will ask again in smaller pieces.
func (v *Investigation) askLogs(ctx context.Context, topic evidence.Topic, lq evidence.LogQuery, last bool) (list []evidence.LogLine, cut, answered bool) {
	type lines struct {
		list []evidence.LogLine
		cut  bool
	}
	q := ask.Question{Source: "logs", Topic: topic, Window: lq.Window, Exact: v.logQL(lq)}
	if len(lq.Services) == 1 {
		q.Service = lq.Services[0]
	}
	got, answered := ask.Put(ctx, v.Asker, q, func(ctx context.Context) ask.Answer[lines] {
		list, cut, err := v.sources.Logs.Logs(ctx, lq)
		return ask.Answer[lines]{Value: lines{list, cut}, Count: len(list), Truncated: cut && last, Err: err}
	})
	by := &evidence.CallID{Source: q.Source, Row: q.Topic, Query: q.Exact}
	for i := range got.list {
		got.list[i].By = by
	}
	return got.list, got.cut, answered
}

// logQL is a question as the log source puts it.
func (v *Investigation) logQL(q evidence.LogQuery) string {
	if w, ok := v.sources.Logs.(port.LogWording); ok {
		return strings.Join(w.LogQL(q), "\n")
	}
	return q.String()
}

// logsOfTraces reads the lines that carry the IDs of a few traces, wherever they
// were written: one question for those that lie near one another, about their
// time and a little around it.
func (v *Investigation) logsOfTraces(ctx context.Context, ids []string) []evidence.LogLine {
	if v.sources.Logs == nil {
		return nil
	}
	clusters := v.clusters(ids)
	got := make([][]evidence.LogLine, len(clusters))
	var steps []func()
	for i, c := range clusters {
		steps = append(steps, func() {
			got[i], _, _ = v.askLogs(ctx, evidence.TopicLinesByTrace, evidence.LogQuery{TraceIDs: c.ids, Window: c.window, Limit: v.options.Caps.LinesPerService * len(c.ids)}, true)
		})
	}
	v.Together(steps...)
	return slices.Concat(got...)
}

// cluster is some traces and the window around them.
type cluster struct {
	ids    []string
	window evidence.Window
}

// clusters groups traces by time, within the survey, both ends included.
func (v *Investigation) clusters(ids []string) []cluster {
	var all []cluster
	apart := v.by().Apart
	for _, t := range v.answers.traces {
		if !slices.Contains(ids, t.ID) || len(t.Spans) == 0 {
			continue
		}
		w := evidence.Window{Start: t.Spans[0].Start, End: t.Spans[0].End()}
		for i := range t.Spans {
			w.Start, w.End = evidence.Earlier(w.Start, t.Spans[i].Start), evidence.Later(w.End, t.Spans[i].End())
		}
		all = append(all, cluster{[]string{t.ID}, evidence.Window{
			Start: evidence.Later(v.span.Start, w.Start.Add(-apart/2)), End: evidence.Earlier(v.span.End.Add(1), w.End.Add(apart/2)),
		}})
	}
	slices.SortFunc(all, func(a, b cluster) int {
		return cmp.Or(a.window.Start.Compare(b.window.Start), cmp.Compare(a.ids[0], b.ids[0]))
	})
	var merged []cluster
	for _, c := range all {
		if c.window.Duration() <= 0 {
			continue
		}
		if n := len(merged); n > 0 && !merged[n-1].window.End.Before(c.window.Start) {
			merged[n-1].ids = append(merged[n-1].ids, c.ids...)
			merged[n-1].window.End = evidence.Later(merged[n-1].window.End, c.window.End)
			continue
		}
		merged = append(merged, c)
	}
	return merged
}

// sortedLines puts lines in order of time, service, body and drops repeats,
// which overlapping questions give: also a line of which another question
// brought more, the stack below it or the trace that it belongs to. Above the
// limit the oldest go.
func sortedLines(lines []evidence.LogLine, limit int) []evidence.LogLine {
	slices.SortStableFunc(lines, gathered.CompareLines) // of equal ones the plainest question's
	kept := lines[:0]
	for _, l := range lines {
		if n := len(kept); n > 0 && sameLine(&kept[n-1], &l) {
			l.TraceID, l.SpanID = cmp.Or(l.TraceID, kept[n-1].TraceID), cmp.Or(l.SpanID, kept[n-1].SpanID)
			kept[n-1] = l
			continue
		}
		kept = append(kept, l)
	}
	lines = kept
	return lines[max(0, len(lines)-limit):]
}

// sameLine reports whether b is the line a, or a and the stack below it, when b
// comes after a in order.
func sameLine(a, b *evidence.LogLine) bool {
	if !a.Time.Equal(b.Time) || a.Service != b.Service || a.TraceID != "" && b.TraceID != "" && !evidence.SameTrace(a.TraceID, b.TraceID) {
		return false
	}
	if a.Body == b.Body {
		return a.TraceID != b.TraceID || a.SpanID == b.SpanID
	}
	return len(a.Body) > 0 && strings.HasPrefix(b.Body, a.Body) && b.Body[len(a.Body)] == '\n'
}
