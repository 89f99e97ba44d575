package otlp

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"fmt"
	"io"
	"iter"
	"slices"

	"go.opentelemetry.io/collector/pdata/pcommon" // OpenTelemetry's own OTLP/JSON
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

// maxLine bounds one line of the file-exporter format, in bytes.
const maxLine = 64 << 20

// Progress is told how many records have been sent so far, and of how many. It
// may be nil.
type Progress func(sent, total int)

// PushTraces sends the spans in r, one TracesData a line, by start.
func (s *Sender) PushTraces(ctx context.Context, r io.Reader, tell Progress) (int, error) {
	var spans []record[ptrace.Span, ptrace.ScopeSpans]
	var groups int
	var u ptrace.JSONUnmarshaler
	err := lines(r, func(line []byte) error {
		td, err := u.UnmarshalTraces(line)
		if err != nil {
			return fmt.Errorf("is not OTLP/JSON TracesData: %w", evidence.ErrInvalid)
		}
		for rs := range each(td.ResourceSpans()) {
			for ss := range each(rs.ScopeSpans()) {
				groups++
				for sp := range each(ss.Spans()) {
					spans = append(spans, record[ptrace.Span, ptrace.ScopeSpans]{sp.StartTimestamp(), sp, groups, func(td any) ptrace.ScopeSpans {
						return spanGroup(td.(ptrace.Traces), rs, ss)
					}})
				}
			}
		}
		return nil
	})
	if err != nil {
		return 0, fmt.Errorf("spans: %w", err)
	}
	var m ptrace.JSONMarshaler
	return push(ctx, s, spans, tell, func(batch []record[ptrace.Span, ptrace.ScopeSpans]) ([]byte, error) {
		td := ptrace.NewTraces()
		pack(td, batch, func(g ptrace.ScopeSpans, sp ptrace.Span) { sp.CopyTo(g.Spans().AppendEmpty()) })
		return m.MarshalTraces(td)
	})
}

// PushLogs sends the log records in r, one LogsData a line, by time.
func (s *Sender) PushLogs(ctx context.Context, r io.Reader, tell Progress) (int, error) {
	var records []record[plog.LogRecord, plog.ScopeLogs]
	var groups int
	var u plog.JSONUnmarshaler
	err := lines(r, func(line []byte) error {
		ld, err := u.UnmarshalLogs(line)
		if err != nil {
			return fmt.Errorf("is not OTLP/JSON LogsData: %w", evidence.ErrInvalid)
		}
		for rl := range each(ld.ResourceLogs()) {
			for sl := range each(rl.ScopeLogs()) {
				groups++
				for lr := range each(sl.LogRecords()) {
					at := cmp.Or(lr.Timestamp(), lr.ObservedTimestamp())
					records = append(records, record[plog.LogRecord, plog.ScopeLogs]{at, lr, groups, func(ld any) plog.ScopeLogs {
						return logGroup(ld.(plog.Logs), rl, sl)
					}})
				}
			}
		}
		return nil
	})
	if err != nil {
		return 0, fmt.Errorf("logs: %w", err)
	}
	var m plog.JSONMarshaler
	return push(ctx, s, records, tell, func(batch []record[plog.LogRecord, plog.ScopeLogs]) ([]byte, error) {
		ld := plog.NewLogs()
		pack(ld, batch, func(g plog.ScopeLogs, lr plog.LogRecord) { lr.CopyTo(g.LogRecords().AppendEmpty()) })
		return m.MarshalLogs(ld)
	})
}

// record is one span or log record, and how to make its resource and scope
// again in another batch.
type record[R, G any] struct {
	at    pcommon.Timestamp
	it    R
	group int
	make  func(into any) G
}

// pack puts the records of a batch under their resources and scopes.
func pack[R, G any](into any, batch []record[R, G], add func(G, R)) {
	made := map[int]G{}
	for _, r := range batch {
		g, ok := made[r.group]
		if !ok {
			g = r.make(into)
			made[r.group] = g
		}
		add(g, r.it)
	}
}

// push sends all records in order of time and says how many were accepted.
func push[R, G any](ctx context.Context, s *Sender, all []record[R, G], tell Progress, encode func([]record[R, G]) ([]byte, error)) (int, error) {
	slices.SortStableFunc(all, func(a, b record[R, G]) int { return cmp.Compare(a.at, b.at) })
	sent := 0
	for size := s.config.BatchRecords; sent < len(all); {
		batch := all[sent:min(sent+size, len(all))]
		body, err := encode(batch)
		if err != nil {
			return sent, err
		}
		if len(body) > maxBatchBytes && len(batch) > 1 {
			size = len(batch) / 2
			continue
		}
		if err := s.send(ctx, body); err != nil {
			return sent, fmt.Errorf("after %d of %d records: %w", sent, len(all), err)
		}
		if sent += len(batch); tell != nil {
			tell(sent, len(all))
		}
		size = min(size*2, s.config.BatchRecords)
	}
	return sent, nil
}

func spanGroup(td ptrace.Traces, rs ptrace.ResourceSpans, ss ptrace.ScopeSpans) ptrace.ScopeSpans {
	r := td.ResourceSpans().AppendEmpty()
	rs.Resource().CopyTo(r.Resource())
	r.SetSchemaUrl(rs.SchemaUrl())
	g := r.ScopeSpans().AppendEmpty()
	ss.Scope().CopyTo(g.Scope())
	g.SetSchemaUrl(ss.SchemaUrl())
	return g
}

func logGroup(ld plog.Logs, rl plog.ResourceLogs, sl plog.ScopeLogs) plog.ScopeLogs {
	r := ld.ResourceLogs().AppendEmpty()
	rl.Resource().CopyTo(r.Resource())
	r.SetSchemaUrl(rl.SchemaUrl())
	g := r.ScopeLogs().AppendEmpty()
	sl.Scope().CopyTo(g.Scope())
	g.SetSchemaUrl(sl.SchemaUrl())
	return g
}

// each ranges over one of pdata's slices.
func each[T any](list interface {
	Len() int
	At(i int) T
}) iter.Seq[T] {
	return func(yield func(T) bool) {
		for i := range list.Len() {
			if !yield(list.At(i)) {
				return
			}
		}
	}
}

// lines gives each line that is not blank and names the one that is wrong.
func lines(r io.Reader, f func([]byte) error) error {
	scan := bufio.NewScanner(r)
	scan.Buffer(make([]byte, 0, 64<<10), maxLine)
	n := 0
	for scan.Scan() {
		n++
		if line := bytes.TrimSpace(scan.Bytes()); len(line) > 0 {
			if err := f(line); err != nil {
				return fmt.Errorf("line %d %w", n, err)
			}
		}
	}
	if err := scan.Err(); err != nil {
		return fmt.Errorf("line %d: %w", n+1, err)
	}
	return nil
}
