package correlate

import (
	"context"
	"errors"
	"fmt"
	rand "math/rand/v2"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/wherefore-dev/wherefore/correlate/casetest"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/gather"
	"github.com/wherefore-dev/wherefore/correlate/gathered"
	"github.com/wherefore-dev/wherefore/correlate/port"
	"github.com/wherefore-dev/wherefore/correlate/report"
)

func investigate(t *testing.T, w *casetest.World, o gather.Options) report.Report {
	t.Helper()
	r, err := New(w.Sources(), o).Investigate(t.Context(), w.Request())
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestInvestigateBlamesTheServiceThatFailsByItself(t *testing.T) {
	r := investigate(t, casetest.NewWorld(), gather.Options{})
	if len(r.Causes) == 0 || r.Causes[0].Entity.Name != "stock" {
		t.Fatalf("got %s, want stock first", casetest.AsJSON(t, r.Ranked))
	}
	if r.Verdict.Word == report.Inconclusive {
		t.Errorf("got %v, want a verdict", r.Verdict)
	}
	if got := r.Onset.At.Sub(casetest.WorldOnset).Abs(); got > time.Minute || r.Onset.From != "alerting series" {
		t.Errorf("onset: got %v from %s, want within a minute of %v from the alerting series", r.Onset.At, r.Onset.From, casetest.WorldOnset)
	}
	if r.Trace == nil || len(r.Trace.CriticalPath) == 0 || len(r.Trace.Logs) == 0 {
		t.Errorf("got trace view %s, want a failing trace with its lines", casetest.AsJSON(t, r.Trace))
	}
	if len(r.Code) != 1 || r.Code[0].Ref.Line != 41 {
		t.Errorf("got code %s, want the failing line at the revision that ran", casetest.AsJSON(t, r.Code))
	}
	if len(r.Changes) != 1 || r.Changes[0].BeforeOnset <= 0 {
		t.Errorf("got changes %s, want the deploy before the onset", casetest.AsJSON(t, r.Changes))
	}
	if !slices.ContainsFunc(r.Timeline, func(e report.TimelineEvent) bool { return e.First }) {
		t.Errorf("no event of the timeline is the first symptom: %s", casetest.AsJSON(t, r.Timeline))
	}
	if r.Impact.Headline == "" || !strings.Contains(r.Impact.Headline, "100 %") {
		t.Errorf("got impact %q, want the share of failing requests", r.Impact.Headline)
	}
}

func TestDependenciesOfClientSpansAreCandidates(t *testing.T) {
	r := investigate(t, casetest.NewWorld(), gather.Options{})
	if !slices.ContainsFunc(r.Causes, func(c report.Cause) bool {
		return c.Entity == evidence.Entity{Name: "stockdb", Kind: evidence.KindDatabase}
	}) {
		t.Errorf("got %s, want the database among the candidates", casetest.AsJSON(t, r.Ranked))
	}
}

// TestSameEvidenceSameBytes shuffles what every source returns: the report must
// depend on the evidence and not on its order.
func TestSameEvidenceSameBytes(t *testing.T) {
	want := casetest.AsJSON(t, investigate(t, casetest.NewWorld(), gather.Options{}))
	for seed := range uint64(4) {
		w := casetest.NewWorld()
		w.Shuffle = rand.New(rand.NewPCG(seed, 1))
		o := gather.Options{Concurrency: 1} // the shuffling is not safe for concurrent use
		w.Series = casetest.Mixed(w, w.Series)
		got := casetest.AsJSON(t, func() report.Report {
			r, err := New(w.Sources(), o).Investigate(t.Context(), w.Request())
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
			synctest.Test(t, func(t *testing.T) {
				w := casetest.NewWorld()
				w.Slow, w.Deaf = 20*time.Second, deaf
				began := time.Now()
				r := investigate(t, w, gather.Options{SourceDeadline: 20 * time.Millisecond})
				if took := time.Since(began); took > 10*time.Second {
					t.Errorf("took %s, so that it waited for a source that does not answer", took)
				}
				time.Sleep(time.Minute) // of the bubble's, until the deaf answers have come
				if !covered(r, "logs", evidence.CoverageFailed) {
					t.Errorf("got coverage %s, want the logs failed", casetest.AsJSON(t, r.Coverage))
				}
				if r.Verdict.Word == report.Confirmed {
					t.Error("got Confirmed, want less while a source is missing")
				}
				if r.Causes[0].Entity.Name != "stock" {
					t.Errorf("got %s first, want the other sources to carry the answer", r.Causes[0].Entity.Name)
				}
			})
		})
	}
}

func TestADeadSourceAndAPanickingOneAreFindings(t *testing.T) {
	w := casetest.NewWorld()
	w.Fail = fmt.Errorf("prometheus: connection refused: %w", evidence.ErrUnavailable)
	w.Panics = true
	r := investigate(t, w, gather.Options{})
	if !covered(r, "metrics", evidence.CoverageFailed) || !covered(r, "traces", evidence.CoverageFailed) {
		t.Errorf("got coverage %s, want metrics and traces failed", casetest.AsJSON(t, r.Coverage))
	}
	if !slices.ContainsFunc(r.NotChecked, func(f report.Finding) bool { return strings.Contains(f.Text, "connection refused") }) {
		t.Errorf("got %s, want the reason among what was not checked", casetest.AsJSON(t, r.NotChecked))
	}
}

func TestWithoutAnySourceTheReportAbstains(t *testing.T) {
	w := casetest.NewWorld()
	r, err := New(port.Sources{}, gather.Options{}).Investigate(t.Context(), w.Request())
	if err != nil {
		t.Fatal(err)
	}
	if r.Verdict.Word != report.Inconclusive || r.Verdict.NoCodeCause {
		t.Errorf("got %+v, want Inconclusive, which is not 'no code cause'", r.Verdict)
	}
	if !covered(r, "metrics", evidence.CoverageNotConfigured) {
		t.Errorf("got coverage %s, want the sources not configured", casetest.AsJSON(t, r.Coverage))
	}
}

func TestWindowsWithoutAnswersAreKnownAsUnread(t *testing.T) {
	unread := func(at time.Time) []evidence.Window {
		w := casetest.NewWorld()
		w.Unread = at
		c, err := gather.New(w.Sources(), gather.Options{}.WithDefaults(), w.Request()).Collect(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return c.Unread
	}
	if got := unread(time.Time{}); len(got) != 0 {
		t.Errorf("all answered: got %v, want none", got)
	}
	at := casetest.WorldNow.Add(-time.Minute)
	if got := unread(at); len(got) != 1 || !got[0].Contains(at) {
		t.Errorf("got %v, want the one window that holds %v", got, at)
	}
}

func TestAnEndedContextEndsTheInvestigation(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		w := casetest.NewWorld()
		w.Slow = time.Second
		time.AfterFunc(10*time.Millisecond, cancel)
		if _, err := New(w.Sources(), gather.Options{}).Investigate(ctx, w.Request()); !errors.Is(err, context.Canceled) {
			t.Errorf("got %v, want the context's error", err)
		}
	})
}

func TestAnAlertWithoutInstancesIsRefused(t *testing.T) {
	if _, err := New(port.Sources{}, gather.Options{}).Investigate(t.Context(), gathered.Request{}); !errors.Is(err, evidence.ErrInvalid) {
		t.Errorf("got %v, want ErrInvalid", err)
	}
}

func TestATraceAloneIsInvestigated(t *testing.T) {
	w := casetest.NewWorld()
	r, err := New(w.Sources(), gather.Options{}).Investigate(t.Context(), gathered.Request{Now: casetest.WorldNow.Add(time.Minute), Alert: evidence.Alert{TraceID: w.Traces[3].ID}})
	if err != nil {
		t.Fatal(err)
	}
	if r.Service != "shop" || len(r.Causes) == 0 || r.Causes[0].Entity.Name != "stock" {
		t.Errorf("got service %q and %s, want the trace's services judged", r.Service, casetest.AsJSON(t, r.Ranked))
	}
}

func covered(r report.Report, source string, s evidence.CoverageStatus) bool {
	return slices.ContainsFunc(r.Coverage, func(c evidence.Coverage) bool { return c.Source == source && c.Status == s })
}

func TestCoverageHasTheCallsThatWereMade(t *testing.T) {
	row := func(r report.Report, query string) evidence.Coverage {
		return r.Coverage[slices.IndexFunc(r.Coverage, func(c evidence.Coverage) bool { return c.Query == query })]
	}
	clock := func() time.Time { return casetest.WorldNow }
	r := investigate(t, casetest.NewWorld(), gather.Options{Clock: clock})
	for query, want := range map[string]string{"failing traces": `tags={"error":"true"}`, "lines of the services": "{service_name=~"} {
		calls := row(r, query).Calls
		if len(calls) == 0 || !strings.Contains(calls[0].Query, want) || calls[0].Pieces == 0 || calls[0].Window.IsZero() || !calls[0].At.Equal(casetest.WorldNow) {
			t.Errorf("%s: got calls %s, want one with %q that says when and over what", query, casetest.AsJSON(t, calls), want)
		}
	}
	if n := len(row(r, "a sample of traces").Calls); n == 0 || n > len(r.Ranked)+1 {
		t.Errorf("got %d calls for the sample, want one per service: pieces of a window are one call", n)
	}
	w := casetest.NewWorld()
	s, then := w.Sources(), casetest.WorldNow.Add(-time.Hour)
	s.Recorded = recordedAt{then}
	r, err := New(s, gather.Options{}).Investigate(t.Context(), w.Request())
	if err != nil {
		t.Fatal(err)
	}
	if got := row(r, "failing traces"); !got.At.Equal(then) || !got.Calls[0].At.Equal(then) {
		t.Errorf("got %s, want the recorded time", casetest.AsJSON(t, got))
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
	took := func(r report.Report) time.Duration {
		i := slices.IndexFunc(r.Coverage, func(c evidence.Coverage) bool { return c.Query == query })
		return r.Coverage[i].Took
	}
	if got := took(investigate(t, casetest.NewWorld(), gather.Options{})); got != 0 {
		t.Errorf("got %s without a clock, want 0", got)
	}
	var ticks atomic.Int64
	clock := func() time.Time { return casetest.WorldNow.Add(time.Duration(ticks.Add(1)) * time.Second) }
	if got := took(investigate(t, casetest.NewWorld(), gather.Options{Clock: clock})); got < time.Second {
		t.Errorf("got %s by a clock that moves on a second with every look, want a second at least", got)
	}
	w := casetest.NewWorld()
	s := w.Sources()
	s.Recorded = recorded{query: 42 * time.Millisecond}
	r, err := New(s, gather.Options{Clock: clock}).Investigate(t.Context(), w.Request())
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
	synctest.Test(t, slowBackend)
}

func slowBackend(t *testing.T) {
	w := casetest.NewWorld()
	s := w.Sources()
	s.Metrics, s.Rules, s.Exemplars = hanging{}, hanging{}, hanging{}
	r, err := New(s, gather.Options{Deadline: 1400 * time.Millisecond, SourceDeadline: 800 * time.Millisecond}).Investigate(t.Context(), w.Request())
	if err != nil {
		t.Fatal(err)
	}
	if !covered(r, "metrics", evidence.CoverageFailed) || !covered(r, "rules", evidence.CoverageFailed) {
		t.Errorf("got coverage %s, want metrics and rules failed", casetest.AsJSON(t, r.Coverage))
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
