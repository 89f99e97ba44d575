package correlate

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

func investigate(t *testing.T, w *world, o Options) Report {
	t.Helper()
	r, err := New(w.sources(), o).Investigate(t.Context(), w.request())
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func asJSON(t *testing.T, v any) string {
	t.Helper()
	b, err := json.MarshalIndent(v, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestInvestigateBlamesTheServiceThatFailsByItself(t *testing.T) {
	r := investigate(t, newWorld(), Options{})
	if len(r.Causes) == 0 || r.Causes[0].Entity.Name != "stock" {
		t.Fatalf("got %s, want stock first", asJSON(t, r.Ranked))
	}
	if r.Verdict.Word == Inconclusive {
		t.Errorf("got %v, want a verdict", r.Verdict)
	}
	if got := r.Onset.At.Sub(worldOnset).Abs(); got > time.Minute || r.Onset.From != "alerting series" {
		t.Errorf("onset: got %v from %s, want within a minute of %v from the alerting series", r.Onset.At, r.Onset.From, worldOnset)
	}
	if r.Trace == nil || len(r.Trace.CriticalPath) == 0 || len(r.Trace.Logs) == 0 {
		t.Errorf("got trace view %s, want a failing trace with its lines", asJSON(t, r.Trace))
	}
	if len(r.Code) != 1 || r.Code[0].Ref.Line != 41 {
		t.Errorf("got code %s, want the failing line at the revision that ran", asJSON(t, r.Code))
	}
	if len(r.Changes) != 1 || r.Changes[0].BeforeOnset <= 0 {
		t.Errorf("got changes %s, want the deploy before the onset", asJSON(t, r.Changes))
	}
	if !slices.ContainsFunc(r.Timeline, func(e TimelineEvent) bool { return e.First }) {
		t.Errorf("no event of the timeline is the first symptom: %s", asJSON(t, r.Timeline))
	}
	if r.Impact.Headline == "" || !strings.Contains(r.Impact.Headline, "100 %") {
		t.Errorf("got impact %q, want the share of failing requests", r.Impact.Headline)
	}
}

func TestDependenciesOfClientSpansAreCandidates(t *testing.T) {
	r := investigate(t, newWorld(), Options{})
	if !slices.ContainsFunc(r.Causes, func(c Cause) bool {
		return c.Entity == evidence.Entity{Name: "stockdb", Kind: evidence.KindDatabase}
	}) {
		t.Errorf("got %s, want the database among the candidates", asJSON(t, r.Ranked))
	}
}

// TestSameEvidenceSameBytes shuffles what every source returns: the report must
// depend on the evidence and not on its order.
func TestSameEvidenceSameBytes(t *testing.T) {
	want := asJSON(t, investigate(t, newWorld(), Options{}))
	for seed := range uint64(4) {
		w := newWorld()
		w.shuffle = rand.New(rand.NewPCG(seed, 1))
		o := Options{Concurrency: 1} // the shuffling is not safe for concurrent use
		w.series = mixed(w, w.series)
		got := asJSON(t, func() Report {
			r, err := New(w.sources(), o).Investigate(t.Context(), w.request())
			if err != nil {
				t.Fatal(err)
			}
			return r
		}())
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("seed %d (-ordered +shuffled):\n%s", seed, diff)
		}
	}
}

func TestASlowSourceCostsItsDeadlineAndNoMore(t *testing.T) {
	for _, deaf := range []bool{false, true} {
		t.Run(fmt.Sprintf("deaf=%v", deaf), func(t *testing.T) {
			w := newWorld()
			w.slow, w.deaf = 20*time.Second, deaf
			done := make(chan Report, 1)
			go func() { done <- investigate(t, w, Options{SourceDeadline: 20 * time.Millisecond}) }()
			select {
			case r := <-done:
				if !covered(r, "logs", evidence.CoverageFailed) {
					t.Errorf("got coverage %s, want the logs failed", asJSON(t, r.Coverage))
				}
				if r.Verdict.Word == Confirmed {
					t.Error("got Confirmed, want less while a source is missing")
				}
				if r.Causes[0].Entity.Name != "stock" {
					t.Errorf("got %s first, want the other sources to carry the answer", r.Causes[0].Entity.Name)
				}
			case <-time.After(10 * time.Second):
				t.Fatal("the investigation waits for a source that does not answer")
			}
		})
	}
}

func TestADeadSourceAndAPanickingOneAreFindings(t *testing.T) {
	w := newWorld()
	w.fail = fmt.Errorf("prometheus: connection refused: %w", evidence.ErrUnavailable)
	w.panics = true
	r := investigate(t, w, Options{})
	if !covered(r, "metrics", evidence.CoverageFailed) || !covered(r, "traces", evidence.CoverageFailed) {
		t.Errorf("got coverage %s, want metrics and traces failed", asJSON(t, r.Coverage))
	}
	if !slices.ContainsFunc(r.NotChecked, func(f Finding) bool { return strings.Contains(f.Text, "connection refused") }) {
		t.Errorf("got %s, want the reason among what was not checked", asJSON(t, r.NotChecked))
	}
}

func TestWithoutAnySourceTheReportAbstains(t *testing.T) {
	w := newWorld()
	r, err := New(Sources{}, Options{}).Investigate(t.Context(), w.request())
	if err != nil {
		t.Fatal(err)
	}
	if r.Verdict.Word != Inconclusive || r.Verdict.NoCodeCause {
		t.Errorf("got %+v, want Inconclusive, which is not 'no code cause'", r.Verdict)
	}
	if !covered(r, "metrics", evidence.CoverageNotConfigured) {
		t.Errorf("got coverage %s, want the sources not configured", asJSON(t, r.Coverage))
	}
}

func TestCapsBoundWhatIsKept(t *testing.T) {
	w := newWorld()
	inv := newInvestigation(w.sources(), Options{Caps: Caps{Spans: 100, LogLines: 50, TracesPerService: 10}}.withDefaults(), w.request())
	if _, err := inv.collect(t.Context()); err != nil {
		t.Fatal(err)
	}
	spans := 0
	for _, tr := range inv.gathered.traces {
		spans += len(tr.Spans)
	}
	if spans == 0 || spans > 100 {
		t.Errorf("got %d spans, want some and at most 100", spans)
	}
	if n := len(inv.gathered.logs); n == 0 || n > 50 {
		t.Errorf("got %d lines, want some and at most 50", n)
	}
}

func TestWindowsWithoutAnswersAreKnownAsUnread(t *testing.T) {
	unread := func(at time.Time) []evidence.Window {
		w := newWorld()
		w.unread = at
		c, err := newInvestigation(w.sources(), Options{}.withDefaults(), w.request()).collect(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return c.Unread
	}
	if got := unread(time.Time{}); len(got) != 0 {
		t.Errorf("all answered: got %v, want none", got)
	}
	at := worldNow.Add(-time.Minute)
	if got := unread(at); len(got) != 1 || !got[0].Contains(at) {
		t.Errorf("got %v, want the one window that holds %v", got, at)
	}
}

func TestAnEndedContextEndsTheInvestigation(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	w := newWorld()
	w.slow = time.Second
	go func() {
		time.Sleep(10 * time.Millisecond)
		cancel()
	}()
	if _, err := New(w.sources(), Options{}).Investigate(ctx, w.request()); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want the context's error", err)
	}
}

func TestAnAlertWithoutInstancesIsRefused(t *testing.T) {
	if _, err := New(Sources{}, Options{}).Investigate(t.Context(), Request{}); !errors.Is(err, evidence.ErrInvalid) {
		t.Errorf("got %v, want ErrInvalid", err)
	}
}

func TestATraceAloneIsInvestigated(t *testing.T) {
	w := newWorld()
	r, err := New(w.sources(), Options{}).Investigate(t.Context(), Request{Now: worldNow.Add(time.Minute), Alert: evidence.Alert{TraceID: w.traces[3].ID}})
	if err != nil {
		t.Fatal(err)
	}
	if r.Service != "shop" || len(r.Causes) == 0 || r.Causes[0].Entity.Name != "stock" {
		t.Errorf("got service %q and %s, want the trace's services judged", r.Service, asJSON(t, r.Ranked))
	}
}

func covered(r Report, source string, s evidence.CoverageStatus) bool {
	return slices.ContainsFunc(r.Coverage, func(c evidence.Coverage) bool { return c.Source == source && c.Status == s })
}

func TestCoverageHasTheCallsThatWereMade(t *testing.T) {
	row := func(r Report, query string) evidence.Coverage {
		return r.Coverage[slices.IndexFunc(r.Coverage, func(c evidence.Coverage) bool { return c.Query == query })]
	}
	clock := func() time.Time { return worldNow }
	r := investigate(t, newWorld(), Options{Clock: clock})
	for query, want := range map[string]string{"failing traces": `tags={"error":"true"}`, "lines of the services": "{service_name=~"} {
		calls := row(r, query).Calls
		if len(calls) == 0 || !strings.Contains(calls[0].Query, want) || calls[0].Pieces == 0 || calls[0].Window.IsZero() || !calls[0].At.Equal(worldNow) {
			t.Errorf("%s: got calls %s, want one with %q that says when and over what", query, asJSON(t, calls), want)
		}
	}
	if n := len(row(r, "a sample of traces").Calls); n == 0 || n > len(r.Ranked)+1 {
		t.Errorf("got %d calls for the sample, want one per service: pieces of a window are one call", n)
	}
	w := newWorld()
	s, then := w.sources(), worldNow.Add(-time.Hour)
	s.Recorded = recordedAt{then}
	r, err := New(s, Options{}).Investigate(t.Context(), w.request())
	if err != nil {
		t.Fatal(err)
	}
	if got := row(r, "failing traces"); !got.At.Equal(then) || !got.Calls[0].At.Equal(then) {
		t.Errorf("got %s, want the recorded time", asJSON(t, got))
	}
}

// recordedAt says of every question that it was asked at one instant.
type recordedAt struct{ at time.Time }

func (r recordedAt) Recorded(source, query string) (evidence.Coverage, bool) {
	return evidence.Coverage{Source: source, Query: query, At: r.at}, true
}

// recorded is how the questions of one source ended when they were recorded.
type recorded map[string]time.Duration

func (r recorded) Recorded(source, query string) (evidence.Coverage, bool) {
	took, ok := r[query]
	return evidence.Coverage{Source: source, Query: query, Took: took}, ok
}

func TestCoverageSaysHowLongASourceTook(t *testing.T) {
	const query = "services with traces"
	took := func(r Report) time.Duration {
		i := slices.IndexFunc(r.Coverage, func(c evidence.Coverage) bool { return c.Query == query })
		return r.Coverage[i].Took
	}
	if got := took(investigate(t, newWorld(), Options{})); got != 0 {
		t.Errorf("got %s without a clock, want 0", got)
	}
	var ticks atomic.Int64
	clock := func() time.Time { return worldNow.Add(time.Duration(ticks.Add(1)) * time.Second) }
	if got := took(investigate(t, newWorld(), Options{Clock: clock})); got < time.Second {
		t.Errorf("got %s by a clock that moves on a second with every look, want a second at least", got)
	}
	w := newWorld()
	s := w.sources()
	s.Recorded = recorded{query: 42 * time.Millisecond}
	r, err := New(s, Options{Clock: clock}).Investigate(t.Context(), w.request())
	if err != nil {
		t.Fatal(err)
	}
	if got := took(r); got != 42*time.Millisecond {
		t.Errorf("got %s, want what was recorded", got)
	}
}

// TestASlowBackendLeavesTimeForTheOthers is a metrics server that hangs: rules,
// exemplars and series come from it, and none of them may starve the traces,
// the lines or the code.
func TestASlowBackendLeavesTimeForTheOthers(t *testing.T) {
	w := newWorld()
	s := w.sources()
	s.Metrics, s.Rules, s.Exemplars = hanging{}, hanging{}, hanging{}
	r, err := New(s, Options{Deadline: 1400 * time.Millisecond, SourceDeadline: 800 * time.Millisecond}).Investigate(t.Context(), w.request())
	if err != nil {
		t.Fatal(err)
	}
	if !covered(r, "metrics", evidence.CoverageFailed) || !covered(r, "rules", evidence.CoverageFailed) {
		t.Errorf("got coverage %s, want metrics and rules failed", asJSON(t, r.Coverage))
	}
	for _, c := range r.Coverage {
		if c.Status == evidence.CoverageFailed && c.Source != "metrics" && c.Source != "rules" {
			t.Errorf("%s, %s: %s (%s), want an answer", c.Source, c.Query, c.Status, c.Detail)
		}
	}
	if r.Causes[0].Entity.Name != "stock" {
		t.Errorf("got %s first, want the other sources to carry the answer", r.Causes[0].Entity.Name)
	}
}

// hanging is a metrics server that never answers.
type hanging struct{}

func (hanging) ListSeries(ctx context.Context, _ []string, _ evidence.Window) ([]evidence.Series, bool, error) {
	<-ctx.Done()
	return nil, false, ctx.Err()
}

func (hanging) QueryRange(ctx context.Context, _ string, _ evidence.Window, _ time.Duration) ([]evidence.Series, error) {
	<-ctx.Done()
	return nil, ctx.Err()
}

func (hanging) Rules(ctx context.Context) ([]evidence.Rule, error) {
	<-ctx.Done()
	return nil, ctx.Err()
}

func (hanging) Exemplars(ctx context.Context, _ string, _ evidence.Window) ([]evidence.Exemplar, error) {
	<-ctx.Done()
	return nil, ctx.Err()
}
