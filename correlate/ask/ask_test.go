package ask_test

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/ask"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

func TestNothingMoreIsBegunOnceTheTimeIsOver(t *testing.T) {
	a := ask.New(time.Minute, time.Minute, 2, nil)
	ctx, cancel := context.WithCancel(context.Background())
	a.Within(ctx)
	var ran atomic.Int64
	steps := make([]func(), 10_000)
	for i := range steps {
		steps[i] = func() { ran.Add(1) }
	}
	if a.Together(steps...); ran.Load() != 10_000 {
		t.Errorf("got %d steps, want all while there is time", ran.Load())
	}
	cancel()
	ran.Store(0)
	if a.Together(steps...); ran.Load() == 0 || ran.Load() > 100 {
		t.Errorf("got %d steps, want a few that note what was not asked", ran.Load())
	}
}

// TestARowKeepsTheSameCallsInAnyOrder asks a thousand queries from either end.
func TestARowKeepsTheSameCallsInAnyOrder(t *testing.T) {
	const all = 1000
	first := func(backwards bool) (query string, listed, unlisted int) {
		a := ask.New(time.Minute, time.Minute, 2, nil)
		for i := range all {
			if backwards {
				i = all - 1 - i
			}
			ask.Put(context.Background(), a, ask.Question{Source: "metrics", Topic: evidence.TopicSeries, Exact: fmt.Sprintf("q%04d", i)}, func(context.Context) ask.Answer[int] {
				return ask.Answer[int]{Count: 1}
			})
		}
		row := a.Ledger.Coverage(nil)[0]
		return row.Calls[len(row.Calls)-1].Query, len(row.Calls), row.Unlisted
	}
	q, n, more := first(false)
	if q2, n2, more2 := first(true); q != q2 || n != n2 || more != more2 || n+more != all || n > 100 {
		t.Errorf("got %s, %d and %d more, and backwards %s, %d and %d more", q, n, more, q2, n2, more2)
	}
}
