package backend

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/wherefore-dev/wherefore/correlate"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

// The clients keep what they can besides, and every method of a port that asks is
// shared.
var (
	_ correlate.TraceSource    = sharedJaeger{}
	_ correlate.GraphSource    = sharedJaeger{}
	_ correlate.LogSource      = sharedLoki{}
	_ correlate.LogWording     = sharedLoki{}
	_ correlate.LogNaming      = sharedLoki{}
	_ correlate.LogStreams     = sharedLoki{}
	_ correlate.LogCounts      = sharedLoki{}
	_ correlate.MetricSource   = sharedPrometheus{}
	_ correlate.ExemplarSource = sharedPrometheus{}
	_ correlate.RuleSource     = sharedPrometheus{}
)

// source answers with lines, and counts how often.
type source struct {
	asked atomic.Int64
	put   func(ctx context.Context, q evidence.LogQuery) ([]evidence.LogLine, bool, error)
}

func (x *source) logs(ctx context.Context, s *shelf, q evidence.LogQuery) ([]evidence.LogLine, bool, error) {
	return listed(ctx, s, listOf(copyLine, one), []any{"logs", q}, func(ctx context.Context) ([]evidence.LogLine, bool, error) {
		x.asked.Add(1)
		return x.put(ctx, q)
	})
}

func someLines(n int) func(context.Context, evidence.LogQuery) ([]evidence.LogLine, bool, error) {
	return func(_ context.Context, q evidence.LogQuery) ([]evidence.LogLine, bool, error) {
		lines := make([]evidence.LogLine, n)
		for i := range lines {
			lines[i] = evidence.LogLine{Body: q.Expr, Attributes: map[string]string{"a": "b"}}
		}
		return lines, true, nil
	}
}

func TestAQuestionIsPutOnceAMinute(t *testing.T) {
	now := time.Date(2026, 3, 1, 2, 0, 0, 0, time.UTC)
	s, x := newShelf(func() time.Time { return now }), &source{put: someLines(2)}
	ask := func(ctx context.Context, expr string, end time.Time) {
		t.Helper()
		lines, cut, err := x.logs(ctx, s, evidence.LogQuery{Expr: expr, Window: evidence.Window{Start: now.Add(-time.Hour), End: end}})
		if err != nil || !cut || len(lines) != 2 || lines[0].Body != expr || lines[1].Attributes["a"] != "b" {
			t.Errorf("got %v, %v, %v", lines, cut, err)
		}
		lines[0].Body, lines[1].Attributes["a"] = "changed", "changed" // it is the caller's
	}
	end := now
	for range 3 {
		ask(t.Context(), "x", end)
	}
	if n := x.asked.Load(); n != 1 {
		t.Errorf("the same question was put %d times, want once", n)
	}
	ask(t.Context(), "y", end)
	ask(t.Context(), "x", end.Add(time.Millisecond))
	ask(Uncached(t.Context()), "x", end)
	if n := x.asked.Load(); n != 4 {
		t.Errorf("another question, another window and a person's look again were put %d times, want each", n-1)
	}
	if other := newShelf(s.now); len(other.answers) != 0 {
		t.Error("another tenant's shelf holds answers")
	}
	now = now.Add(sharedFor)
	s.take("any") // looks at the time
	if len(s.order) != 0 || s.size != 0 {
		t.Errorf("after a minute %d answers of %d are kept", len(s.order), s.size)
	}
}

func TestWhoAsksAtOnceSharesOneQuestion(t *testing.T) {
	s, release := newShelf(time.Now), make(chan struct{})
	x := &source{put: func(ctx context.Context, q evidence.LogQuery) ([]evidence.LogLine, bool, error) {
		<-release
		return someLines(1)(ctx, q)
	}}
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			if lines, _, err := x.logs(context.Background(), s, evidence.LogQuery{Expr: "x"}); err != nil || len(lines) != 1 {
				t.Errorf("got %v, %v", lines, err)
			}
		})
	}
	for x.asked.Load() == 0 {
		time.Sleep(time.Millisecond)
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel() // who leaves does not wait
	if _, _, err := x.logs(gone, s, evidence.LogQuery{Expr: "x"}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	close(release)
	if wg.Wait(); x.asked.Load() != 1 {
		t.Errorf("the question was put %d times, want once", x.asked.Load())
	}
}

func TestWhatFailedOrLostRecordsIsNotShared(t *testing.T) {
	s := newShelf(time.Now)
	x := &source{put: func(ctx context.Context, q evidence.LogQuery) ([]evidence.LogLine, bool, error) {
		if q.Expr == "fails" {
			return nil, false, evidence.ErrUnavailable
		}
		evidence.Lose(ctx, evidence.LostNumbers, "")
		return someLines(1)(ctx, q)
	}}
	for n, expr := range []string{"fails", "fails", "loses", "loses"} {
		var lost evidence.Losses
		_, _, err := x.logs(evidence.WithLosses(t.Context(), &lost), s, evidence.LogQuery{Expr: expr})
		if (err != nil) != (expr == "fails") || len(lost.List()) != n/2 {
			t.Errorf("%s: got %v with losses %v, which who asks is told", expr, err, lost.List())
		}
	}
	if x.asked.Load() != 4 || len(s.answers) != 0 {
		t.Errorf("got %d questions and %d answers kept", x.asked.Load(), len(s.answers))
	}
}

func TestWhatIsSharedIsBounded(t *testing.T) {
	s := newShelf(time.Now)
	x := &source{put: someLines(largestShared / 2)}
	for n := range 40 {
		if _, _, err := x.logs(t.Context(), s, evidence.LogQuery{Expr: fmt.Sprint(n)}); err != nil {
			t.Fatal(err)
		}
	}
	if s.size > mostShared || len(s.answers) != len(s.order) || len(s.order) == 0 {
		t.Errorf("%d answers of size %d are kept, want at most %d", len(s.answers), s.size, mostShared)
	}
	x.put = someLines(largestShared + 1)
	for range 2 {
		_, _, _ = x.logs(t.Context(), s, evidence.LogQuery{Expr: "large"})
	}
	if x.asked.Load() != 42 {
		t.Errorf("an answer that is too large was shared: %d questions", x.asked.Load())
	}
}
