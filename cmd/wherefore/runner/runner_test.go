package runner_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"go.opentelemetry.io/otel/trace/noop"
	"go.uber.org/zap/zaptest"

	"github.com/wherefore-dev/wherefore/cmd/wherefore/runner"
	"github.com/wherefore-dev/wherefore/correlate"
	"github.com/wherefore-dev/wherefore/correlate/casebook"
	"github.com/wherefore-dev/wherefore/correlate/casefile"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/report"
	"github.com/wherefore-dev/wherefore/ui"
)

var start = time.Date(2026, 3, 1, 2, 51, 7, 0, time.UTC)

type fixture struct {
	book *casebook.Book
	feed *runner.Feed
	end  func() // stops the runner
	stop func() // stops it and closes the casebook
}

// run starts a runner over a real casebook.
func run(t *testing.T, investigate runner.Investigate, change func(*runner.Runner)) fixture {
	t.Helper()
	return runWith(t, casebook.Options{}, investigate, change)
}

func runWith(t *testing.T, o casebook.Options, investigate runner.Investigate, change func(*runner.Runner)) fixture {
	t.Helper()
	book, err := casebook.Open(t.Context(), filepath.Join(t.TempDir(), "book.db"), o)
	if err != nil {
		t.Fatal(err)
	}
	feed := runner.NewFeed(book)
	r := &runner.Runner{
		Log: zaptest.NewLogger(t), Book: book, Watch: feed, Investigate: investigate, Now: time.Now,
		Tracer: noop.NewTracerProvider().Tracer(""), Workers: 2, Timeout: 10 * time.Minute,
	}
	if change != nil {
		change(r)
	}
	ctx, cancel := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	wg.Go(func() {
		if err := r.Run(ctx); err != nil {
			t.Errorf("the runner ended with %v", err)
		}
	})
	end := sync.OnceFunc(func() {
		cancel()
		wg.Wait()
	})
	stop := sync.OnceFunc(func() {
		end()
		_ = book.Close()
	})
	t.Cleanup(stop)
	return fixture{book, feed, end, stop}
}

func (f fixture) accept(t *testing.T, group string) string {
	t.Helper()
	id, err := f.book.Accept(t.Context(), evidence.Alert{Receiver: "wh", GroupKey: group, Status: evidence.StatusFiring,
		Instances: []evidence.AlertInstance{{Status: evidence.StatusFiring, StartsAt: start, Fingerprint: group}}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// reported waits for a revision and returns it.
func (f fixture) reported(t *testing.T, id string, revision int) report.Report {
	t.Helper()
	var r report.Report
	for range 12000 {
		if body, err := f.book.Report(t.Context(), id, revision); err == nil {
			if err := json.Unmarshal(body, &r); err != nil {
				t.Fatal(err)
			}
			return r
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatalf("%s has no revision %d", id, revision)
	return r
}

func answer(title string) report.Report {
	return report.Report{Version: 1, Title: title, Verdict: report.Verdict{Word: report.Likely}}
}

func TestEveryAlertEndsInAReport(t *testing.T) {
	f := run(t, func(_ context.Context, j casebook.Job, _ func(correlate.Progress)) (report.Report, error) {
		return answer(j.Alert.GroupKey), nil
	}, nil)
	var ids []string
	for n := range 10 {
		ids = append(ids, f.accept(t, fmt.Sprint("g", n)))
	}
	for n, id := range ids {
		if r := f.reported(t, id, 1); r.Title != fmt.Sprint("g", n) || r.Incident != id {
			t.Errorf("got %q of %s, want g%d of %s", r.Title, r.Incident, n, id)
		}
	}
}

func TestAPanicOrAnErrorIsTriedAgainAndEndsNobodyElses(t *testing.T) {
	var mu sync.Mutex
	tries := map[string]int{}
	f := run(t, func(_ context.Context, j casebook.Job, _ func(correlate.Progress)) (report.Report, error) {
		mu.Lock()
		tries[j.Alert.GroupKey]++
		n := tries[j.Alert.GroupKey]
		mu.Unlock()
		switch {
		case j.Alert.GroupKey == "poison" && n == 1:
			panic("poisonous telemetry")
		case j.Alert.GroupKey == "hopeless":
			return report.Report{}, errors.New("nothing works")
		case j.Alert.GroupKey == "senseless":
			return report.Report{}, evidence.ErrInvalid
		}
		return answer("fine"), nil
	}, nil)
	poison, hopeless, senseless, fine := f.accept(t, "poison"), f.accept(t, "hopeless"), f.accept(t, "senseless"), f.accept(t, "fine")
	f.reported(t, poison, 1)
	f.reported(t, fine, 1)
	for range 12000 {
		if n, _ := f.book.Waiting(t.Context()); n == 0 {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	f.stop()
	if got := fmt.Sprint(tries["poison"], tries["hopeless"], tries["senseless"]); got != "2 3 1" {
		t.Errorf("got tries %s, want 2 for the panic, 3 for the error, 1 for what makes no sense", got)
	}
	_, _ = hopeless, senseless
}

func TestAReportIsLookedAtOnceMore(t *testing.T) {
	f := runWith(t, casebook.Options{FollowUp: 20 * time.Millisecond}, func(_ context.Context, j casebook.Job, _ func(correlate.Progress)) (report.Report, error) {
		return answer(fmt.Sprint("revision ", j.Revision)), nil
	}, nil)
	id := f.accept(t, "g")
	if r := f.reported(t, id, 2); r.Title != "revision 2" {
		t.Errorf("got %q", r.Title)
	}
	time.Sleep(100 * time.Millisecond)
	if _, err := f.book.Report(t.Context(), id, 3); !errors.Is(err, evidence.ErrNotFound) {
		t.Errorf("got a third look (%v), want two", err)
	}
}

func TestFollowersSeeProgressAndTheEnd(t *testing.T) {
	gate := make(chan struct{})
	f := run(t, func(_ context.Context, _ casebook.Job, say func(correlate.Progress)) (report.Report, error) {
		say(correlate.Progress{Stage: "gather", Done: 1, Total: 3})
		<-gate
		return answer("done"), nil
	}, nil)
	id := f.accept(t, "g")
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	events, err := f.feed.Subscribe(ctx, id)
	if err != nil {
		t.Fatal(err)
	}
	var last ui.ProgressEvent
	opened := false
	for e := range events {
		if e.Progress != nil && e.Progress.Stage == "gather" && !opened {
			opened = true
			close(gate)
		}
		if e.State == casefile.StateReported {
			last = e
			cancel() // closes the channel
		}
	}
	if last.Revision != 1 || last.Progress != nil {
		t.Errorf("got %+v, want revision 1 and nothing running", last)
	}
	if _, err := f.feed.Subscribe(t.Context(), "INC-none"); !errors.Is(err, evidence.ErrNotFound) {
		t.Errorf("got %v, want ErrNotFound", err)
	}
}
