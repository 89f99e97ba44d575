package bundle_test

import (
	"context"
	"errors"
	"os"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid" // properties over random input, with shrinking

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/sources/bundle"
	"github.com/wherefore-dev/wherefore/sources/logline"
)

// TestAnyTelemetrySurvives writes random spans, lines and samples, hostile text
// and all, and reads them back.
func TestAnyTelemetrySurvives(t *testing.T) {
	alert := newSample().alert
	rapid.Check(t, func(rt *rapid.T) {
		dir, err := os.MkdirTemp(t.TempDir(), "b")
		fine(rt, err)
		text := rapid.String()
		when := rapid.Custom(func(r *rapid.T) time.Time { return at(float64(rapid.IntRange(-5000, 5000).Draw(r, "second"))) })
		attributes := rapid.Custom(func(r *rapid.T) map[string]string {
			m := rapid.MapOfN(rapid.StringN(1, 8, 30), text, 0, 3).Draw(r, "attributes")
			if delete(m, "service.name"); len(m) == 0 {
				return nil
			}
			return m
		})
		service := rapid.SampledFrom([]string{"shop", "bank", "a b{}\"\n"})
		w, err := bundle.NewWriter(dir, bundle.Manifest{ID: "x"}, bundle.WriterOptions{Gzip: rapid.Bool().Draw(rt, "gzip")})
		fine(rt, err)
		span := evidence.Span{TraceID: id(1), SpanID: sp(1), Service: service.Draw(rt, "service"), Operation: text.Draw(rt, "operation"), Kind: evidence.SpanServer, Start: when.Draw(rt, "start"),
			Duration: time.Duration(rapid.Int64Range(0, 1e12).Draw(rt, "duration")), Failed: rapid.Bool().Draw(rt, "failed"), StatusMessage: text.Draw(rt, "message"), Attributes: attributes.Draw(rt, "span attributes")}
		line := evidence.LogLine{Time: when.Draw(rt, "time"), Service: span.Service, Severity: evidence.Severity(rapid.IntRange(1, 24).Draw(rt, "severity")), Body: text.Draw(rt, "body"), TraceID: id(1), Attributes: attributes.Draw(rt, "line attributes")}
		sample := evidence.Sample{Time: when.Draw(rt, "at"), Value: rapid.Float64Range(-1e300, 1e300).Draw(rt, "value")}
		series := evidence.Series{Name: "m", Labels: map[string]string{"service": span.Service, "x": rapid.StringN(1, -1, -1).Draw(rt, "label")}, Kind: evidence.MetricGauge, Samples: []evidence.Sample{sample}}
		fine(rt, errors.Join(w.Alert(alert), w.Spans(span), w.Logs(line), w.Series(series), w.Close()))

		b, err := bundle.Open(dir)
		fine(rt, err)
		defer b.Close()
		got, err := b.Trace(context.Background(), id(1))
		fine(rt, err)
		got.Spans[0].Resource = nil
		same(rt, span, got.Spans[0])
		lines, _, err := b.Logs(context.Background(), evidence.LogQuery{TraceID: id(1)})
		fine(rt, err)
		lines[0].Resource = nil
		logline.Default.Read(&line)
		same(rt, line, lines[0])
		found, err := b.QueryRange(context.Background(), "m", evidence.Window{Start: sample.Time, End: sample.Time}, time.Second)
		fine(rt, err)
		series.Expr = "m"
		same(rt, series, found[0])
	})
}

func fine(t *rapid.T, err error) {
	if err != nil {
		t.Fatal(err)
	}
}

func same(t *rapid.T, want, got any) {
	if d := cmp.Diff(want, got); d != "" {
		t.Fatalf("(-written +read):\n%s", d)
	}
}

// FuzzSpans feeds arbitrary lines to the reader: an error or spans, never a
// crash.
func FuzzSpans(f *testing.F) {
	for _, s := range []string{"", "{}", "null", `{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"0102030405060708090a0b0c0d0e0f10","spanId":"0102030405060708","startTimeUnixNano":"1","endTimeUnixNano":"2"}]}]}]}`} {
		f.Add(s, s)
	}
	f.Fuzz(func(t *testing.T, spans, logs string) {
		b, err := bundle.Open(folder(t, map[string]string{"spans.jsonl": spans, "logs.jsonl": logs, "metrics.om": logs, "commits.jsonl": spans}))
		if err != nil {
			t.Fatal(err)
		}
		defer b.Close()
		if err := askAll(b); err != nil && !errors.Is(err, evidence.ErrInvalid) {
			t.Errorf("got %v, want each fault to be invalid", err)
		}
	})
}
