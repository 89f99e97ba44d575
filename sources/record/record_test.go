package record_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/sources/bundle"
	"github.com/wherefore-dev/wherefore/sources/record"
	"github.com/wherefore-dev/wherefore/sources/sourcestest"
)

// store answers from a bundle of the suite's data set, within limits and with
// the failures that a test wants.
type store struct {
	*bundle.Bundle
	d                   sourcestest.Dataset
	maxTraces, maxLines int
	maxRange            time.Duration // of samples
	down                map[string]error
	asked               int
}

func open(t *testing.T) *store { return openWith(t, sourcestest.NewDataset()) }

func openWith(t *testing.T, d sourcestest.Dataset) *store {
	t.Helper()
	dir := t.TempDir()
	if err := d.WriteBundle(dir); err != nil {
		t.Fatal(err)
	}
	b, err := bundle.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { b.Close() })
	return &store{Bundle: b, d: d, maxTraces: 1000, maxLines: 1000, maxRange: 48 * time.Hour, down: map[string]error{}}
}

func (s *store) Services(ctx context.Context) ([]string, error) {
	if err := s.down["services"]; err != nil {
		return nil, err
	}
	return s.Bundle.Services(ctx)
}

func (s *store) FindTraces(ctx context.Context, q evidence.TraceQuery) ([]evidence.Trace, bool, error) {
	s.asked++
	if err := s.down[q.Service]; err != nil {
		return nil, false, err
	}
	q.Limit = min(q.Limit, s.maxTraces)
	return s.Bundle.FindTraces(ctx, q)
}

func (s *store) AnyService() string { return `{service_name=~".+"}` }

func (s *store) Logs(ctx context.Context, q evidence.LogQuery) ([]evidence.LogLine, bool, error) {
	if err := s.down["logs"]; err != nil {
		return nil, false, err
	}
	q.Limit = min(q.Limit, s.maxLines)
	return s.Bundle.Logs(ctx, q)
}

func (s *store) Names(context.Context, evidence.Window) ([]string, error) {
	var names []string
	for _, x := range s.d.Series {
		names = append(names, x.Name)
	}
	slices.Sort(names)
	return slices.Compact(names), nil
}

func (s *store) Samples(_ context.Context, selector string, w evidence.Window) ([]evidence.Series, error) {
	if w.Duration() > s.maxRange {
		return nil, fmt.Errorf("too many samples: %w", evidence.ErrInvalid)
	}
	var out []evidence.Series
	for _, x := range s.d.Series {
		if selector != fmt.Sprintf("{__name__=%q}", x.Name) {
			continue
		}
		x.Samples = slices.DeleteFunc(slices.Clone(x.Samples), func(v evidence.Sample) bool { return !w.Contains(v.Time) })
		out = append(out, x)
	}
	return out, nil
}

// run records and opens what was recorded.
func run(t *testing.T, s *store, o record.Options) (record.Counts, *bundle.Bundle) {
	t.Helper()
	dir := t.TempDir()
	w, err := bundle.NewWriter(dir, bundle.Manifest{ID: "x"}, bundle.WriterOptions{Redact: bundle.NewRedactor()})
	if err != nil {
		t.Fatal(err)
	}
	if o.Window.IsZero() {
		o.Window = sourcestest.RecordedWindow()
	}
	o.Now = func() time.Time { return s.d.Window.End }
	n, _, err := record.Record(t.Context(), record.Sources{Traces: s, Logs: s, Metrics: s, Rules: s}, o, w)
	if err != nil {
		t.Fatal(err)
	}
	alert := evidence.Alert{Status: evidence.StatusFiring, Instances: []evidence.AlertInstance{{Status: evidence.StatusFiring, StartsAt: s.d.Window.End}}}
	if err := errors.Join(w.Alert(alert), w.Close()); err != nil {
		t.Fatal(err)
	}
	b, err := bundle.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { b.Close() })
	return n, b
}

func TestARecordingAnswersAsTheSourcesDo(t *testing.T) {
	for name, limit := range map[string]func(*store){
		"in few answers":  func(*store) {},
		"in many answers": func(s *store) { s.maxTraces, s.maxLines, s.maxRange = 3, 13, 10*time.Minute },
	} {
		t.Run(name, func(t *testing.T) {
			s := open(t)
			limit(s)
			_, b := run(t, s, record.Options{})
			sourcestest.Traces(t, s.d, b)
			sourcestest.Graph(t, s.d, b)
			sourcestest.Logs(t, s.d, b)
			sourcestest.Metrics(t, s.d, b)
			sourcestest.Rules(t, s.d, b)
			if s.asked > 500 {
				t.Errorf("asked %d times for %d traces", s.asked, len(s.d.Spans)/4)
			}
		})
	}
}

// statuses counts coverage by source and status.
func statuses(b *bundle.Bundle, source string) map[evidence.CoverageStatus]int {
	n := map[evidence.CoverageStatus]int{}
	for _, c := range b.Coverage() {
		if c.Source == source {
			n[c.Status]++
		}
	}
	return n
}

func TestASourceThatFailsIsCoverage(t *testing.T) {
	s := open(t)
	down := fmt.Errorf("loki logs: %w: HTTP 503\x1b[31m", evidence.ErrUnavailable)
	s.down["logs"], s.down["cart"] = down, down
	n, b := run(t, s, record.Options{})
	if n.Lines != 0 || n.Spans != len(s.d.Spans)+2 { // other services have cart's traces too
		t.Errorf("recorded %+v", n)
	}
	if d := cmp.Diff(map[evidence.CoverageStatus]int{evidence.CoverageFailed: 1}, statuses(b, bundle.SourceLogs)); d != "" {
		t.Errorf("coverage of logs (-want +got):\n%s", d)
	}
	if got := statuses(b, bundle.SourceTraces); got[evidence.CoverageFailed] != 1 || got[evidence.CoverageAnswered] != 4 {
		t.Errorf("coverage of traces: got %v", got)
	}
	if _, _, err := b.Logs(t.Context(), evidence.LogQuery{Services: []string{"cart"}, Window: s.d.Window, Limit: 1}); !errors.Is(err, evidence.ErrUnavailable) {
		t.Errorf("replay: got %v, want it to fail as the recording did", err)
	}
	s.down["services"] = down
	if n, _ := run(t, s, record.Options{}); n.Spans != 0 || n.Series == 0 {
		t.Errorf("without services: recorded %+v, want metrics alone", n)
	}
}

func TestLimitsAreKeptAndSaid(t *testing.T) {
	s := open(t)
	s.maxTraces, s.maxLines = 3, 7
	n, b := run(t, s, record.Options{MaxSpans: 40, MaxLines: 30, MaxSamples: 200})
	if n.Spans < 40 || n.Spans > 40+3*4 || n.Lines != 30 || n.Samples < 200 || n.Samples > 600 {
		t.Errorf("recorded %+v", n)
	}
	for _, source := range []string{bundle.SourceTraces, bundle.SourceLogs, bundle.SourceMetrics} {
		if statuses(b, source)[evidence.CoverageTruncated] == 0 {
			t.Errorf("%s: got %v, want it to be said truncated", source, statuses(b, source))
		}
	}
	lines, _, err := b.Logs(t.Context(), evidence.LogQuery{Expr: `{service_name=~".+"}`, Window: s.d.Window, Limit: 1000})
	gaps := b.Gaps(bundle.SourceLogs)
	if err != nil || len(lines) == 0 || len(gaps) != 1 || gaps[0].Start.Before(lines[len(lines)-1].Time) || !gaps[0].End.Equal(sourcestest.RecordedWindow().End) {
		t.Errorf("the lines (%d, %v) stop, and the recording says that %v has no answer", len(lines), err, gaps)
	}
}

func TestWhatComesFirstIsRecordedDownToTheLimit(t *testing.T) {
	s := open(t)
	const last = "queue_depth"
	for first, want := range map[string]bool{"": false, last: true} {
		_, b := run(t, s, record.Options{MaxSamples: 1, First: map[string]bool{first: true}})
		got, _, err := b.ListSeries(t.Context(), []string{fmt.Sprintf("{__name__=%q}", last)}, s.d.Window)
		if err != nil || len(got) > 0 != want {
			t.Errorf("with %q first: got %d series of %s (%v), want some: %v", first, len(got), last, err, want)
		}
	}
}

func TestSamplesBeforeTheWindowAreForExpressions(t *testing.T) {
	s := open(t)
	half := s.d.Window.Duration() / 2
	w := evidence.Window{Start: s.d.Window.Start.Add(half), End: s.d.Window.End}
	paused := 0
	short, _ := run(t, s, record.Options{Window: w, Pause: func(context.Context) { paused++ }})
	long, _ := run(t, s, record.Options{Window: w, MetricsBefore: half})
	asked := s.asked / 2 // of each
	if short.Samples == 0 || long.Samples <= short.Samples || long.Spans != short.Spans || long.Lines != short.Lines {
		t.Errorf("recorded %+v, with as long before %+v; want more samples and nothing else", short, long)
	}
	if paused < asked {
		t.Errorf("paused %d times in more than %d questions", paused, asked)
	}
}

// TestAnInstantThatIsTooFullIsSaid: twelve lines share an instant and an answer
// holds seven.
func TestAnInstantThatIsTooFullIsSaid(t *testing.T) {
	s := open(t)
	s.maxLines = 7
	n, b := run(t, s, record.Options{})
	if lost := len(s.d.Logs) - n.Lines; lost != 5 {
		t.Errorf("lost %d lines, want the 5 of that instant alone", lost)
	}
	if got := statuses(b, bundle.SourceLogs); got[evidence.CoverageTruncated] != 1 {
		t.Errorf("coverage: got %v, want one truncated", got)
	}
}

func TestServicesRestrict(t *testing.T) {
	s := open(t)
	n, b := run(t, s, record.Options{Services: []string{"worker", "store", "worker"}, Window: s.d.Window})
	if n.Traces != 31 || s.asked != 2 {
		t.Errorf("recorded %d traces in %d questions, want 31 in 2", n.Traces, s.asked)
	}
	lines, _, err := b.Logs(t.Context(), evidence.LogQuery{Services: []string{"cart", "gateway", "store"}, Window: s.d.Window})
	if err != nil || len(lines) != n.Lines || slices.ContainsFunc(lines, func(l evidence.LogLine) bool { return l.Service != "store" }) {
		t.Errorf("got %d lines, %v; want the store's alone", len(lines), err)
	}
}

func TestWhatIsNotConfiguredIsSaid(t *testing.T) {
	s := open(t)
	w, err := bundle.NewWriter(t.TempDir(), bundle.Manifest{ID: "x"}, bundle.WriterOptions{})
	if err != nil {
		t.Fatal(err)
	}
	_, coverage, err := record.Record(t.Context(), record.Sources{}, record.Options{Window: s.d.Window}, w)
	if err != nil || len(coverage) != 6 {
		t.Fatalf("got %v, %v; want six sources", coverage, err)
	}
	for _, c := range coverage {
		if c.Status != evidence.CoverageNotConfigured {
			t.Errorf("%s: got %q", c.Source, c.Status)
		}
	}
}

func TestSecretsAreMaskedAndCounted(t *testing.T) {
	d := sourcestest.NewDataset()
	d.Logs = append(d.Logs, evidence.LogLine{Time: d.Window.Start, Service: "leaky", Body: "calling with Authorization: Bearer abcdefghijklmnop0123456789"})
	s := openWith(t, d)
	_, b := run(t, s, record.Options{})
	lines, _, err := b.Logs(t.Context(), evidence.LogQuery{Services: []string{"leaky"}, Window: s.d.Window.Pad(time.Hour)})
	if err != nil || len(lines) != 1 || strings.Contains(lines[0].Body, "abcdefghijklmnop") {
		t.Errorf("got %v, %v; want the secret masked", lines, err)
	}
	if len(b.Manifest().Redactions) == 0 {
		t.Error("the manifest counts no redactions")
	}
}

func TestAnEndedContextEndsTheRecording(t *testing.T) {
	s := open(t)
	ctx, cancel := context.WithCancel(t.Context())
	w, err := bundle.NewWriter(t.TempDir(), bundle.Manifest{ID: "x"}, bundle.WriterOptions{})
	if err != nil {
		t.Fatal(err)
	}
	o := record.Options{Window: s.d.Window, Progress: func(stage string, _, _ int) {
		if stage == "log lines" {
			cancel()
		}
	}}
	if n, _, err := record.Record(ctx, record.Sources{Traces: s, Logs: s, Metrics: s, Rules: s}, o, w); !errors.Is(err, context.Canceled) || n.Series != 0 {
		t.Errorf("got %+v, %v; want it to end at the logs", n, err)
	}
}
