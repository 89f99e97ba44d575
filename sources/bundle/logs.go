package bundle

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"slices"
	"sort"
	"strings"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

// maxLogLines is the most lines that one question returns, Loki's usual cap.
const maxLogLines = 50_000

func (b *Bundle) logLines() ([]evidence.LogLine, error) {
	return b.logs.get(b.readLogs)
}

func (b *Bundle) readLogs() ([]evidence.LogLine, error) {
	var lines []evidence.LogLine
	w := words{}
	var u plog.JSONUnmarshaler
	err := b.lines(LogsFile, func(line []byte, n int) error {
		ld, err := u.UnmarshalLogs(line)
		if err != nil {
			return fault(LogsFile, n, "is not OTLP/JSON LogsData: %s", brief(err))
		}
		if !oneObject(line) {
			return fault(LogsFile, n, "holds something other than one JSON object")
		}
		if ld.LogRecordCount() == 0 && !bytes.Contains(line, []byte(`"resourceLogs"`)) && !bytes.Contains(line, []byte(`"resource_logs"`)) {
			return fault(LogsFile, n, "has no resourceLogs; each line must be one OTLP LogsData")
		}
		lines, err = b.appendLogs(lines, ld, w, n)
		return err
	})
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(lines, compareLines)
	return lines, nil
}

func (b *Bundle) appendLogs(lines []evidence.LogLine, ld plog.Logs, w words, n int) ([]evidence.LogLine, error) {
	for i := range ld.ResourceLogs().Len() {
		rl := ld.ResourceLogs().At(i)
		resource, service := w.resource(rl.Resource())
		for j := range rl.ScopeLogs().Len() {
			list := rl.ScopeLogs().At(j).LogRecords()
			for k := range list.Len() {
				l, ok := w.logLine(list.At(k))
				if !ok {
					return nil, fault(LogsFile, n, "record %d has neither a time nor an observed time", k+1)
				}
				if b.hidden(l.Time) {
					continue
				}
				l.Service, l.Resource = service, resource
				if lines = append(lines, l); len(lines) > b.limits.LogLines {
					return nil, fault(LogsFile, n, "bundle has more than %d log lines", b.limits.LogLines)
				}
			}
		}
	}
	return lines, nil
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
		l.Severity = SeverityOf(r.SeverityText())
	}
	if id := r.TraceID(); id != (pcommon.TraceID{}) {
		l.TraceID = w.keep(id.String())
	}
	if id := r.SpanID(); id != (pcommon.SpanID{}) {
		l.SpanID = id.String()
	}
	return l, plausible(at)
}

// SeverityOf reads a severity as people write it; unknown words are
// evidence.SeverityUnknown.
func SeverityOf(text string) evidence.Severity {
	switch strings.ToLower(strings.TrimSpace(text)) {
	case "trace", "debug":
		return evidence.SeverityDebug
	case "info", "information", "informational", "notice":
		return evidence.SeverityInfo
	case "warn", "warning":
		return evidence.SeverityWarn
	case "error", "err", "severe":
		return evidence.SeverityError
	case "fatal", "critical", "crit", "panic", "emerg", "emergency", "alert":
		return evidence.SeverityFatal
	}
	return evidence.SeverityUnknown
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
	keep, err := lineFilter(q)
	if err != nil {
		return nil, false, err
	}
	all, err := b.logLines()
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
		found = append(found, all[i])
	}
	return found, b.recordedAs(SourceLogs, text, evidence.CoverageTruncated), nil
}

// lineFilter makes a predicate of a query's fields but the window.
func lineFilter(q evidence.LogQuery) (func(*evidence.LogLine) bool, error) {
	if q.Expr != "" {
		return parseLogQL(q.Expr)
	}
	if len(q.Services) == 0 && q.TraceID == "" {
		return nil, fmt.Errorf("logs: no service, trace ID or expression was asked for: %w", evidence.ErrInvalid)
	}
	id := ""
	if q.TraceID != "" {
		var err error
		if id, err = evidence.ParseTraceID(q.TraceID); err != nil {
			return nil, fmt.Errorf("logs: %w", err)
		}
	}
	return func(l *evidence.LogLine) bool {
		if l.Severity < q.MinSeverity {
			return false
		}
		if len(q.Services) > 0 && !slices.Contains(q.Services, l.Service) {
			return false
		}
		return id == "" || l.TraceID == id || strings.Contains(l.Body, id)
	}, nil
}
