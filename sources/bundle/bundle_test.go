package bundle_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/wherefore-dev/wherefore/correlate"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/sources/bundle"
)

// The replayer answers every port.
var (
	_ correlate.TraceSource    = (*bundle.Bundle)(nil)
	_ correlate.GraphSource    = (*bundle.Bundle)(nil)
	_ correlate.LogSource      = (*bundle.Bundle)(nil)
	_ correlate.MetricSource   = (*bundle.Bundle)(nil)
	_ correlate.ExemplarSource = (*bundle.Bundle)(nil)
	_ correlate.RuleSource     = (*bundle.Bundle)(nil)
	_ correlate.ChangeSource   = (*bundle.Bundle)(nil)
	_ correlate.CodeSource     = (*bundle.Bundle)(nil)
	_ correlate.DecisionSource = (*bundle.Bundle)(nil)
)

var t0 = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func at(seconds float64) time.Time { return t0.Add(time.Duration(seconds * float64(time.Second))) }

func id(n int) string { return fmt.Sprintf("%032x", n+1) }
func sp(n int) string { return fmt.Sprintf("%016x", n+1) }

// sample is everything that one small bundle holds.
type sample struct {
	alert   evidence.Alert
	spans   []evidence.Span
	logs    []evidence.LogLine
	series  []evidence.Series
	edges   []evidence.Edge
	changes []evidence.Change
	commits []evidence.Commit
	rules   []evidence.Rule
}

func newSample() sample {
	shop := map[string]string{"service.name": "shop", "service.version": "v2"}
	bank := map[string]string{"service.name": "bank"}
	s := sample{
		alert: evidence.Alert{
			Receiver: "web", GroupKey: "{}", Status: "firing", Labels: map[string]string{"alertname": "Slow", "service": "shop"}, Annotations: map[string]string{"summary": "slow"},
			Instances: []evidence.AlertInstance{{Status: "firing", Labels: map[string]string{"alertname": "Slow", "service": "shop"}, StartsAt: at(120)}},
		},
		edges:   []evidence.Edge{{Caller: "shop", Callee: "bank", Calls: 3}},
		changes: []evidence.Change{{ID: "d1", Kind: evidence.ChangeDeploy, Service: "shop", Time: at(30), From: "v1", To: "v2", Commit: strings.Repeat("b", 40)}},
		commits: []evidence.Commit{
			{SHA: strings.Repeat("a", 40), Time: at(-100), Message: "first"},
			{SHA: strings.Repeat("b", 40), Parents: []string{strings.Repeat("a", 40)}, Time: at(10), Message: "second", Files: []string{"x.go"}, Diff: "+ token := parse(x)"},
		},
		rules: []evidence.Rule{{Name: "Slow", Group: "g", Expr: "latency > 1", For: time.Minute}},
	}
	for i := range 3 {
		start := at(float64(i * 50))
		s.spans = append(s.spans,
			evidence.Span{TraceID: id(i), SpanID: sp(10 * i), Service: "shop", Operation: "GET /", Kind: evidence.SpanServer, Start: start, Duration: time.Second, Attributes: map[string]string{"http.route": "/"}, Resource: shop},
			evidence.Span{TraceID: id(i), SpanID: sp(10*i + 1), ParentID: sp(10 * i), Service: "bank", Operation: "pay", Kind: evidence.SpanClient, Start: start.Add(time.Millisecond), Duration: 500 * time.Millisecond,
				Failed: i == 2, StatusMessage: map[bool]string{true: "refused"}[i == 2], Resource: bank,
				Events: []evidence.SpanEvent{{Name: "exception", Time: start.Add(2 * time.Millisecond), Attributes: map[string]string{"exception.type": "Refused"}}}})
		s.logs = append(s.logs, evidence.LogLine{Time: start, Service: "bank", Severity: evidence.SeverityError, Body: "refused <&> " + id(i), TraceID: id(i), SpanID: sp(10*i + 1), Attributes: map[string]string{"code": "7"}, Resource: bank})
		s.series = append(s.series,
			evidence.Series{Name: "latency", Labels: map[string]string{"service": "shop"}, Kind: evidence.MetricGauge, Samples: []evidence.Sample{{Time: at(float64(60 * i)), Value: float64(i) + 0.5}}},
			evidence.Series{Name: "calls_total", Labels: map[string]string{"service": "shop"}, Kind: evidence.MetricCounter, Samples: []evidence.Sample{{Time: at(float64(60 * i)), Value: float64(60 * i)}}})
	}
	return s
}

func (s sample) write(t *testing.T, dir string, m bundle.Manifest, o bundle.WriterOptions) {
	t.Helper()
	if m.ID == "" {
		m.ID = "case-001"
	}
	w, err := bundle.NewWriter(dir, m, o)
	if err != nil {
		t.Fatal(err)
	}
	err = errors.Join(w.Alert(s.alert), w.Spans(s.spans...), w.Logs(s.logs...), w.Edges(s.edges...), w.Changes(s.changes...), w.Commits(s.commits...), w.Rules(s.rules))
	for _, x := range s.series {
		err = errors.Join(err, w.Series(x))
	}
	if err = errors.Join(err, w.Close()); err != nil {
		t.Fatal(err)
	}
}

func open(t *testing.T, path string) *bundle.Bundle {
	t.Helper()
	b, err := bundle.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { b.Close() })
	return b
}

// readAll asks every port for all it has.
func readAll(t *testing.T, b *bundle.Bundle) sample {
	t.Helper()
	ctx := context.Background()
	w := evidence.Window{Start: at(-1000), End: at(1000)}
	got := sample{alert: b.Alert()}
	services, err := b.Services(ctx)
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, s := range services {
		traces, _, err := b.FindTraces(ctx, evidence.TraceQuery{Service: s, Window: w, Limit: 100})
		if err != nil {
			t.Fatal(err)
		}
		for _, tr := range traces {
			if !seen[tr.ID] {
				got.spans = append(got.spans, tr.Spans...)
			}
			seen[tr.ID] = true
		}
	}
	got.logs, _, err = b.Logs(ctx, evidence.LogQuery{Services: []string{"bank", "shop"}, Window: w, Limit: 100})
	check(t, err)
	got.edges, err = b.Dependencies(ctx, w)
	check(t, err)
	got.changes, err = b.Changes(ctx, w)
	check(t, err)
	got.commits, err = b.Commits(ctx, evidence.CommitQuery{Service: "shop", To: "v2"})
	check(t, err)
	got.rules, err = b.Rules(ctx)
	check(t, err)
	got.series, err = b.QueryRange(ctx, `{__name__=~".+"}`, evidence.Window{Start: at(0), End: at(120)}, time.Minute)
	check(t, err)
	return got
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestWhatIsWrittenIsRead(t *testing.T) {
	want := newSample()
	for name, o := range map[string]bundle.WriterOptions{"plain": {}, "gzipped": {Gzip: true}} {
		t.Run(name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "b")
			want.write(t, dir, bundle.Manifest{}, o)
			got := readAll(t, open(t, dir))
			opts := cmp.Options{cmp.AllowUnexported(sample{})}
			w := want
			w.commits = []evidence.Commit{want.commits[1], want.commits[0]}
			w.series = []evidence.Series{}
			for _, n := range []string{"calls_total", "latency"} {
				m := evidence.Series{Name: n, Labels: map[string]string{"service": "shop"}, Expr: `{__name__=~".+"}`}
				for _, x := range want.series {
					if x.Name == n {
						m.Kind = x.Kind
						m.Samples = append(m.Samples, x.Samples...)
					}
				}
				w.series = append(w.series, m)
			}
			if d := cmp.Diff(w, got, opts); d != "" {
				t.Errorf("(-written +read):\n%s", d)
			}
		})
	}
}

func TestAnArchiveReadsAsItsDirectoryDoes(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "b")
	newSample().write(t, dir, bundle.Manifest{}, bundle.WriterOptions{})
	check(t, bundle.WriteLabel(dir, bundle.Label{Service: "bank"}))
	var one, two bytes.Buffer
	check(t, bundle.Pack(dir, &one))
	later := time.Now().Add(time.Hour)
	check(t, os.Chtimes(filepath.Join(dir, bundle.AlertFile), later, later))
	check(t, os.Chmod(filepath.Join(dir, bundle.AlertFile), 0o600))
	check(t, bundle.Pack(dir, &two))
	if !bytes.Equal(one.Bytes(), two.Bytes()) {
		t.Error("packing twice gave different bytes")
	}
	file := filepath.Join(t.TempDir(), "b.tgz")
	check(t, os.WriteFile(file, one.Bytes(), 0o600))
	b := open(t, file)
	opts := cmp.Options{cmp.AllowUnexported(sample{})}
	if d := cmp.Diff(readAll(t, open(t, dir)), readAll(t, b), opts); d != "" {
		t.Errorf("(-directory +archive):\n%s", d)
	}
	unpacked := b.Dir()
	if _, err := os.Stat(filepath.Join(unpacked, "label.json")); !os.IsNotExist(err) {
		t.Errorf("the label was packed or unpacked: %v", err)
	}
	check(t, b.Close())
	if _, err := os.Stat(unpacked); !os.IsNotExist(err) {
		t.Errorf("got %v, want what was unpacked to be gone after Close", err)
	}
}

func TestNothingLaterThanUntilIsSeen(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "b")
	newSample().write(t, dir, bundle.Manifest{}, bundle.WriterOptions{})
	b := open(t, dir)
	b.Until(at(50.9), nil) // the second trace's first span is still running
	got := readAll(t, b)
	if n := len(got.spans); n != 3 {
		t.Errorf("got %d spans, want the 3 that had ended", n)
	}
	if n := len(got.logs); n != 2 {
		t.Errorf("got %d log lines, want 2", n)
	}
	for _, s := range got.series {
		if first := s.Samples[0].Value; slices.ContainsFunc(s.Samples, func(x evidence.Sample) bool { return x.Value != first }) {
			t.Errorf("%s: got %v, want only the sample of the first minute", s.Name, s.Samples)
		}
	}
}
