package record

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/sources/bundle"
)

// logs records the lines, the earliest first, one answer after the other: an
// answer that was cut ends at an instant, and the next question starts there.
func (r *recorder) logs(ctx context.Context) error {
	if r.Logs == nil {
		r.absent(bundle.SourceLogs)
		return nil
	}
	var atEnd map[string]bool // lines recorded at the instant that the window starts with
	for w := r.o.Window; w.Duration() > 0; {
		r.o.Progress("log lines", int(w.Start.Sub(r.o.Window.Start).Seconds()), int(r.o.Window.Duration().Seconds()))
		q := evidence.LogQuery{Services: r.o.Services, Window: w, Limit: r.o.MaxLines - r.counts.Lines + len(atEnd)}
		if len(q.Services) == 0 {
			q.Expr = r.Logs.AnyService()
		}
		text := bundle.LogsQueryText(q)
		if r.counts.Lines >= r.o.MaxLines {
			r.cut(bundle.SourceLogs, text, fmt.Sprintf("stopped at %d lines", r.o.MaxLines))
			r.missing(w)
			return nil
		}
		var lines []evidence.LogLine
		more := false
		ok, err := r.ask(ctx, bundle.SourceLogs, text, w, func() (int, error) {
			var err error
			lines, more, err = r.Logs.Logs(ctx, q)
			return len(lines), err // cut or not, the rest is asked for next
		})
		if err == nil && !ok {
			r.missing(w)
		}
		if err != nil || !ok {
			return err
		}
		fresh := slices.DeleteFunc(slices.Clone(lines), func(l evidence.LogLine) bool { return atEnd[lineKey(l)] })
		r.counts.Lines += len(fresh)
		if err := r.w.Logs(fresh...); err != nil {
			return err
		}
		if !more || len(lines) == 0 {
			return nil
		}
		last := lines[len(lines)-1].Time
		if len(fresh) == 0 { // one instant holds more than an answer: go past it
			r.cut(bundle.SourceLogs, text, "one instant holds more lines than one answer")
			last = last.Add(time.Nanosecond)
		}
		atEnd = map[string]bool{}
		for _, l := range lines {
			if l.Time.Equal(last) {
				atEnd[lineKey(l)] = true
			}
		}
		w.Start = last
	}
	return nil
}

// lineKey tells one line from another.
func lineKey(l evidence.LogLine) string {
	key := fmt.Sprintf("%d %q %q %s %s", l.Time.UnixNano(), l.Service, l.Body, l.TraceID, l.SpanID)
	for _, m := range []map[string]string{l.Attributes, l.Resource} {
		for _, k := range slices.Sorted(maps.Keys(m)) {
			key += fmt.Sprintf(" %q=%q", k, m[k])
		}
	}
	return key
}
