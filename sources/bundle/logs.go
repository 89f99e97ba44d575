package bundle

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"sort"
	"strings"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/sources/logline"
)

// maxLogLines is the most lines that one question returns, Loki's usual cap.
const maxLogLines = 50_000

// storedLine is a line as it was read, with the attributes that stand in the
// bundle: LogQL knows those alone until a stage parses the body.
type storedLine struct {
	evidence.LogLine
	own map[string]string
}

func (b *Bundle) logLines() ([]storedLine, error) {
	return b.logs.get(b.readLogs)
}

func (b *Bundle) readLogs() ([]storedLine, error) {
	s, lost := &streams{index: map[string]int{}, words: words{}}, b.tally(SourceLogs)
	var u plog.JSONUnmarshaler
	err := b.lines(LogsFile, lost, func(line []byte, n int) error {
		if err := logsLine(line, n); err != nil {
			lost.leave(lostForeign, err)
			return nil
		}
		ld, err := u.UnmarshalLogs(line)
		if err == nil {
			lost.read++
			return b.appendLogs(s, ld, lost)
		}
		fault := fault(LogsFile, n, "is not OTLP/JSON LogsData: %s", brief(err))
		pieces := apart(line, "resourceLogs", "scopeLogs", "logRecords")
		if len(pieces) == 0 {
			lost.leave(lostForeign, fault)
		}
		for _, piece := range pieces {
			ld, err := u.UnmarshalLogs(piece)
			if err != nil {
				lost.leave(lostUnfit, fault)
				continue
			}
			lost.read++
			if err := b.appendLogs(s, ld, lost); err != nil {
				return err
			}
		}
		return nil
	})
	if err = cmp.Or(err, lost.end()); err != nil {
		return nil, err
	}
	if b.dates() {
		ahead := b.aheadOf(s.services())
		s.over.tell(lost, lostLateLine, func(service string) bool { return ahead[service] > 0 })
		if s.late > 0 || len(ahead) > 0 {
			s.drop(func(l evidence.LogLine) bool { return b.hidden(l.Time.Add(-ahead[l.Service])) })
		}
	}
	return s.read(), nil
}

// logsLine says why a line is none of the file exporter's, if it is none.
func logsLine(line []byte, n int) error {
	switch {
	case line[0] == '{' && !oneObject(line) || string(line) == "null":
		return fault(LogsFile, n, "holds something other than one JSON object")
	case line[0] == '{' && !bytes.Contains(line, []byte(`"resourceLogs"`)) && !bytes.Contains(line, []byte(`"resource_logs"`)):
		return fault(LogsFile, n, "has no resourceLogs; each line must be one OTLP LogsData")
	}
	return nil
}

// streams are the lines of a bundle by the process that wrote them, each in the
// order in which they stand there.
type streams struct {
	index map[string]int // by service and resource
	lines [][]evidence.LogLine
	words words
	count int
	late  int  // of the lines that bear a time that Until hides
	over  over // those of them that are no more kept
}

// drop removes lines.
func (s *streams) drop(gone func(evidence.LogLine) bool) {
	s.count = 0
	for i := range s.lines {
		s.lines[i] = slices.DeleteFunc(s.lines[i], gone)
		s.count += len(s.lines[i])
	}
}

// read puts the pieces of stacks together, reads every line, and gives all of
// them in the port's order.
func (s *streams) read() []storedLine {
	all := make([]storedLine, 0, s.count)
	for _, lines := range s.lines {
		slices.SortStableFunc(lines, func(a, b evidence.LogLine) int { return a.Time.Compare(b.Time) })
		for _, l := range logline.Join(lines) {
			own := l.Attributes
			logline.Default.Read(&l)
			all = append(all, storedLine{l, own})
		}
	}
	slices.SortStableFunc(all, func(a, b storedLine) int { return compareLines(a.LogLine, b.LogLine) })
	return all
}

func (b *Bundle) appendLogs(s *streams, ld plog.Logs, lost *tally) error {
	for i := range ld.ResourceLogs().Len() {
		rl := ld.ResourceLogs().At(i)
		resource, service := s.words.resource(rl.Resource())
		if name := logline.ServiceOf(resource); name != "" {
			service = name
		}
		key := resourceKey(service, resource)
		at, known := s.index[key]
		if !known {
			at = len(s.lines)
			s.index[key], s.lines = at, append(s.lines, nil)
		}
		for j := range rl.ScopeLogs().Len() {
			list := rl.ScopeLogs().At(j).LogRecords()
			for k := range list.Len() {
				l, ok := s.words.logLine(list.At(k))
				if !ok {
					lost.Add(lostDateless, "")
					continue
				}
				l.Service, l.Resource = service, resource
				late := b.hidden(l.Time)
				if late && !s.over.keeps(b.dates(), service) {
					continue
				}
				s.lines[at] = append(s.lines[at], l)
				if s.count++; late {
					s.late++
				}
				if s.count > b.limits.LogLines && s.late > 0 {
					s.drop(func(l evidence.LogLine) bool { return b.hidden(l.Time) && s.over.add(l.Service) })
					s.late = 0
				}
				if s.count > b.limits.LogLines {
					return fault(LogsFile, 0, "bundle has more than %d log lines", b.limits.LogLines)
				}
			}
		}
	}
	return nil
}

func (w words) logLine(r plog.LogRecord) (evidence.LogLine, bool) {
	at := r.Timestamp()
	if !plausible(at) {
		at = r.ObservedTimestamp() // as Loki does
	}
	l := evidence.LogLine{Time: instant(at), Severity: evidence.Severity(r.SeverityNumber()), Body: w.keep(r.Body().AsString()), Attributes: w.attributes(r.Attributes())}
	if l.Severity < 0 || l.Severity > 24 {
		l.Severity = evidence.SeverityUnknown
	}
	if l.Severity == evidence.SeverityUnknown {
		l.Severity = logline.Named(r.SeverityText())
	}
	if id := r.TraceID(); id != (pcommon.TraceID{}) {
		l.TraceID = w.keep(id.String())
	}
	if id := r.SpanID(); id != (pcommon.SpanID{}) {
		l.SpanID = id.String()
	}
	return l, plausible(at)
}

func compareLines(a, b evidence.LogLine) int {
	return cmp.Or(a.Time.Compare(b.Time), cmp.Compare(a.Service, b.Service), cmp.Compare(a.Body, b.Body),
		cmp.Compare(a.TraceID, b.TraceID), cmp.Compare(a.SpanID, b.SpanID))
}

// Logs returns matching lines, the earliest when there are more than the limit.
func (b *Bundle) Logs(ctx context.Context, q evidence.LogQuery) ([]evidence.LogLine, bool, error) {
	text := LogsQueryText(q)
	if err := b.replay(ctx, SourceLogs, text); err != nil {
		return nil, false, err
	}
	all, err := b.logLines()
	if err != nil {
		return nil, false, err
	}
	asked := called(q.Services, writers(all))
	keep, ids, err := lineFilter(q, asked)
	if err != nil {
		return nil, false, err
	}
	limit := q.Limit
	if limit <= 0 || limit > maxLogLines {
		limit = maxLogLines
	}
	if !q.Window.IsZero() {
		from := sort.Search(len(all), func(i int) bool { return !all[i].Time.Before(q.Window.Start) })
		to := sort.Search(len(all), func(i int) bool { return !all[i].Time.Before(q.Window.End) })
		all = all[from:max(from, to)]
	}
	var found []evidence.LogLine
	for i := range all {
		if i%4096 == 0 && ctx.Err() != nil {
			return nil, false, ctx.Err()
		}
		if !keep(&all[i]) {
			continue
		}
		if len(found) == limit {
			return found, true, nil
		}
		l := bearing(all[i].LogLine, ids)
		l.Service = cmp.Or(asked[l.Service], l.Service)
		found = append(found, l)
	}
	return found, b.recordedAs(SourceLogs, text, evidence.CoverageTruncated), nil
}

// writers are the names of whoever wrote lines, in order.
func writers(lines []storedLine) []string {
	seen := map[string]bool{}
	for i := range lines {
		seen[lines[i].Service] = true
	}
	return slices.Sorted(maps.Keys(seen))
}

// called says which names of lines stand for which of the services that are asked for,
// as it is told for a live source.
func called(services, names []string) map[string]string {
	asked := map[string]string{}
	for _, service := range services {
		for _, name := range logline.Called(service, names) {
			if _, taken := asked[name]; !taken && (name == service || !slices.Contains(services, name)) {
				asked[name] = service
			}
		}
	}
	return asked
}

// Unnamed gives what the recording's question for lines of a service was told
// where no lines went by its name.
func (b *Bundle) Unnamed(ctx context.Context, services []string, _ evidence.Window) (map[string]string, error) {
	words := map[string]string{}
	for _, c := range b.coverage {
		if c.Source == SourceLogs && c.Status == evidence.CoverageNotResolved && slices.Contains(services, c.Subject) {
			words[c.Subject] = c.Detail
		}
	}
	return words, ctx.Err()
}

// lineFilter makes a predicate of a query's fields but the window, given which
// names stand for the services that it asks for, and gives the
// trace IDs that it asks for in their one form.
func lineFilter(q evidence.LogQuery, asked map[string]string) (keep func(*storedLine) bool, ids []string, err error) {
	if q.Expr != "" {
		keep, err = parseLogQL(q.Expr)
		return keep, nil, err
	}
	if len(q.Services) == 0 && len(q.IDs()) == 0 {
		return nil, nil, fmt.Errorf("logs: no service, trace ID or expression was asked for: %w", evidence.ErrInvalid)
	}
	var texts []string
	for _, id := range q.IDs() {
		if id, err = evidence.ParseTraceID(id); err != nil {
			return nil, nil, fmt.Errorf("logs: %w", err)
		}
		ids = append(ids, id)
		for _, t := range evidence.TraceIDTexts(id) {
			if texts = append(texts, t); strings.ToUpper(t) != t {
				texts = append(texts, strings.ToUpper(t))
			}
		}
	}
	return func(l *storedLine) bool {
		if l.Severity < q.MinSeverity {
			return false
		}
		if len(q.Services) > 0 && asked[l.Service] == "" {
			return false
		}
		if len(ids) == 0 || traceOf(l.TraceID, ids) != "" {
			return true
		}
		return slices.ContainsFunc(texts, func(t string) bool { return strings.Contains(l.Body, t) }) && // the quick look
			slices.ContainsFunc(ids, func(id string) bool { return evidence.NamesTrace(l.Body, id) })
	}, ids, nil
}

// traceOf is the one of the IDs that a line's own ID stands for, "" when none.
func traceOf(own string, ids []string) string {
	for _, id := range ids {
		if evidence.SameTrace(own, id) {
			return id
		}
	}
	return ""
}

// bearing gives a line that a question by trace ID found the ID that was asked
// for, unless it belongs to another trace and only names this one.
func bearing(l evidence.LogLine, ids []string) evidence.LogLine {
	if id := traceOf(l.TraceID, ids); id != "" {
		l.TraceID = id
	}
	if l.TraceID != "" {
		return l
	}
	for _, id := range ids {
		if evidence.NamesTrace(l.Body, id) {
			l.TraceID = id
			break
		}
	}
	return l
}
