package gather

import (
	"context"
	"slices"
	"strings"

	"github.com/wherefore-dev/wherefore/correlate/ask"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/gathered"
	"github.com/wherefore-dev/wherefore/correlate/metric"
	"github.com/wherefore-dev/wherefore/correlate/port"
)

// surveyLogs reads the lines of all services piece by piece. One question
// covers all services as long as its answer is not cut; where it is, every
// service is asked for itself, so that a chatty one does not drown the rest.
func (v *Investigation) surveyLogs(ctx context.Context) {
	if v.sources.Logs == nil {
		v.Ledger.Absent("logs", "lines of the services")
		return
	}
	services := v.logServices()
	pieces := v.pieces()
	got, read := make([][]evidence.LogLine, len(pieces)), make([]bool, len(pieces))
	var steps []func()
	if len(services) > 0 {
		for i, w := range pieces {
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
		}
	}
	v.answers.logs = sortedLines(slices.Concat(slices.Concat(got...), slices.Concat(templates...)), v.options.Caps.LogLines)
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

// linesOf reads one piece: everything when it fits, else each service up to its
// limit and the warnings and errors besides. It reports whether all questions
// were answered.
func (v *Investigation) linesOf(ctx context.Context, services []string, w evidence.Window, pieces int) ([]evidence.LogLine, bool) {
	limit := max(v.options.Caps.LinesPerService, v.options.Caps.LogLines/max(pieces, 1))
	lines, truncated, read := v.askLogs(ctx, "lines of the services", evidence.LogQuery{Services: services, Window: w, Limit: limit}, len(services) == 1)
	if !truncated || len(services) == 1 {
		return lines, read
	}
	var all []evidence.LogLine
	perService := max(100, v.options.Caps.LinesPerService/max(pieces/2, 1))
	for _, s := range services {
		own, cut, answered := v.askLogs(ctx, "lines of the services", evidence.LogQuery{Services: []string{s}, Window: w, Limit: perService}, true)
		all = append(all, own...)
		read = read && answered
		if cut {
			bad, _, _ := v.askLogs(ctx, "warnings and errors", evidence.LogQuery{Services: []string{s}, MinSeverity: evidence.SeverityWarn, Window: w, Limit: perService}, true)
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
		lines, _, _ := v.askLogs(ctx, "configured query "+template, evidence.LogQuery{Expr: expr, Window: v.suspectWindow(), Limit: v.options.Caps.LinesPerService}, true)
		all = append(all, lines...)
	}
	return all
}

// askLogs asks one question. A truncated answer is recorded as such only when
// nobody will ask again in smaller pieces.
func (v *Investigation) askLogs(ctx context.Context, text string, lq evidence.LogQuery, last bool) (list []evidence.LogLine, cut, answered bool) {
	type lines struct {
		list []evidence.LogLine
		cut  bool
	}
	q := ask.Question{Source: "logs", Text: text, Window: lq.Window, Exact: v.logQL(lq)}
	if len(lq.Services) == 1 {
		q.Service = lq.Services[0]
	}
	got, answered := ask.Put(ctx, v.Asker, q, func(ctx context.Context) ask.Answer[lines] {
		list, cut, err := v.sources.Logs.Logs(ctx, lq)
		return ask.Answer[lines]{Value: lines{list, cut}, Count: len(list), Truncated: cut && last, Err: err}
	})
	return got.list, got.cut, answered
}

// logQL is a question as the log source puts it.
func (v *Investigation) logQL(q evidence.LogQuery) string {
	if w, ok := v.sources.Logs.(port.LogWording); ok {
		return strings.Join(w.LogQL(q), "\n")
	}
	return q.String()
}

// logsOfTraces reads the lines that carry a trace's ID, wherever they were
// written, for a few traces.
func (v *Investigation) logsOfTraces(ctx context.Context, ids []string) []evidence.LogLine {
	if v.sources.Logs == nil {
		return nil
	}
	got := make([][]evidence.LogLine, len(ids))
	var steps []func()
	for i, id := range ids {
		steps = append(steps, func() {
			w := v.span
			w.End = w.End.Add(1) // both ends of the survey are included
			got[i], _, _ = v.askLogs(ctx, "lines by trace ID", evidence.LogQuery{TraceID: id, Window: w, Limit: v.options.Caps.LinesPerService}, true)
		})
	}
	v.Together(steps...)
	return slices.Concat(got...)
}

// sortedLines puts lines in order of time, service, body and drops repeats,
// which overlapping questions give. Above the limit the oldest go.
func sortedLines(lines []evidence.LogLine, limit int) []evidence.LogLine {
	slices.SortStableFunc(lines, gathered.CompareLines) // of equal ones the plainest question's
	lines = slices.CompactFunc(lines, func(a, b evidence.LogLine) bool { return gathered.CompareLines(a, b) == 0 })
	return lines[max(0, len(lines)-limit):]
}
