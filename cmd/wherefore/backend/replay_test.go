package backend_test

import (
	"errors"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/wherefore-dev/wherefore/cmd/wherefore/backend"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/sources/bundle"
)

// TestAReplayShowsWhatHadHappened has a request in each minute from half an hour before
// an alert to a quarter of an hour after it, which go through three services: the
// replay shows of the last one what had ended by the alert, whatever its clock said, and
// of a job that it did later only what it had done by then.
func TestAReplayShowsWhatHadHappened(t *testing.T) {
	fired := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		off, work time.Duration
		want      int // spans of the last service
	}{
		"its clock is right":                   {0, 10 * time.Millisecond, 30},
		"its clock is ahead":                   {7 * time.Minute, 10 * time.Millisecond, 30},
		"its clock is behind":                  {-7 * time.Minute, 10 * time.Millisecond, 30},
		"it works for 30 s five minutes later": {5 * time.Minute, 30 * time.Second, 25},
	} {
		t.Run(name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "b")
			w, err := bundle.NewWriter(dir, bundle.Manifest{ID: "clocks"}, bundle.WriterOptions{})
			if err != nil {
				t.Fatal(err)
			}
			labels := map[string]string{"alertname": "Slow", "service": "front"}
			err = w.Alert(evidence.Alert{Status: "firing", Labels: labels, Instances: []evidence.AlertInstance{{Status: "firing", Labels: labels, StartsAt: fired}}})
			for i := range 45 {
				at := fired.Add(time.Duration(i-30) * time.Minute)
				span := func(n int, service string, at time.Time, took time.Duration) evidence.Span {
					s := evidence.Span{TraceID: fmt.Sprintf("%032x", i+1), SpanID: fmt.Sprintf("%016x", n), Service: service, Operation: "do", Kind: evidence.SpanServer, Start: at, Duration: took}
					if n > 1 {
						s.ParentID = fmt.Sprintf("%016x", n-1)
					}
					return s
				}
				err = errors.Join(err, w.Spans(span(1, "front", at, 30*time.Millisecond), span(2, "shop", at.Add(time.Millisecond), 20*time.Millisecond), span(3, "stock", at.Add(c.off+2*time.Millisecond), c.work)))
			}
			if err := errors.Join(err, w.Close()); err != nil {
				t.Fatal(err)
			}
			b, err := backend.OpenReplay(dir, backend.Fired)
			if err != nil {
				t.Fatal(err)
			}
			defer b.Close()
			got := map[string]int{}
			for i := range 45 {
				tr, err := b.Trace(t.Context(), fmt.Sprintf("%032x", i+1))
				if err != nil {
					continue // all of it is hidden
				}
				for _, s := range tr.Spans {
					got[s.Service]++
				}
			}
			if got["front"] != 30 || got["shop"] != 30 || got["stock"] != c.want {
				t.Errorf("got %v, want 30 of front and of shop and %d of stock", got, c.want)
			}
		})
	}
}
