package runner_test

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/wherefore-dev/wherefore/cmd/wherefore/runner"
	"github.com/wherefore-dev/wherefore/correlate"
	"github.com/wherefore-dev/wherefore/correlate/casebook"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/report"
)

// failing is a casebook that does not take the end of an investigation a few
// times.
type failing struct {
	runner.Book
	left atomic.Int32
}

func (f *failing) refuse() error {
	if f.left.Add(-1) >= 0 {
		return fmt.Errorf("the disk is full: %w", evidence.ErrUnavailable)
	}
	return nil
}

func (f *failing) Finish(ctx context.Context, j casebook.Job, r report.Report, body []byte, m ...casebook.Message) error {
	if err := f.refuse(); err != nil {
		return err
	}
	return f.Book.Finish(ctx, j, r, body, m...)
}

func (f *failing) Abandon(ctx context.Context, j casebook.Job, reason string, retry bool) error {
	if err := f.refuse(); err != nil {
		return err
	}
	return f.Book.Abandon(ctx, j, reason, retry)
}

func TestAFinishedReportIsStoredOnceItCanBe(t *testing.T) {
	var asked atomic.Int32
	f := run(t, func(context.Context, casebook.Job, func(correlate.Progress)) (report.Report, error) {
		asked.Add(1)
		return answer("kept"), nil
	}, func(r *runner.Runner) {
		b := &failing{Book: r.Book}
		b.left.Store(3)
		r.Book = b
	})
	id := f.accept(t, "g")
	if r := f.reported(t, id, 1); r.Title != "kept" || asked.Load() != 1 {
		t.Errorf("got %q after %d investigations, want the report of the only one", r.Title, asked.Load())
	}
}

func TestAFailureIsNotedOnceItCanBe(t *testing.T) {
	f := run(t, func(context.Context, casebook.Job, func(correlate.Progress)) (report.Report, error) {
		return report.Report{}, evidence.ErrInvalid
	}, func(r *runner.Runner) {
		b := &failing{Book: r.Book}
		b.left.Store(3)
		r.Book = b
	})
	id := f.accept(t, "g")
	for range 12000 {
		if i, err := f.book.Incident(t.Context(), id); err == nil && i.Failed != "" {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Error("the incident never said that its investigation failed")
}

// lapsing is a casebook whose claims have all ended.
type lapsing struct{ runner.Book }

func (lapsing) Lease() time.Duration                      { return 4 * time.Millisecond }
func (lapsing) Renew(context.Context, casebook.Job) error { return casebook.ErrLost }

func TestAnInvestigationEndsWithItsClaim(t *testing.T) {
	ended := make(chan struct{})
	f := run(t, func(ctx context.Context, _ casebook.Job, _ func(correlate.Progress)) (report.Report, error) {
		<-ctx.Done()
		close(ended)
		return report.Report{}, ctx.Err()
	}, func(r *runner.Runner) { r.Book = lapsing{r.Book} })
	id := f.accept(t, "g")
	<-ended
	f.stop()
	if _, err := f.book.Report(t.Context(), id, 1); err == nil {
		t.Error("a lost claim ended in a report")
	}
}

func TestAnInvestigationUnderWayIsGivenBackWhenTheProgramStops(t *testing.T) {
	running := make(chan struct{})
	f := run(t, func(ctx context.Context, _ casebook.Job, _ func(correlate.Progress)) (report.Report, error) {
		close(running)
		<-ctx.Done()
		return report.Report{}, ctx.Err()
	}, nil)
	f.accept(t, "g")
	<-running
	f.end()
	j, err := f.book.Next(t.Context())
	if err != nil || j.Attempts != 1 {
		t.Errorf("got attempt %d (%v), want the stopped one not to count", j.Attempts, err)
	}
}
