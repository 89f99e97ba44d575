package ask_test

import (
	"context"
	"testing"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/ask"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/port"
)

// TestWhatAnswersLeaveOutIsARowOfItsOwn asks two questions whose answers leave
// out the same span, and one another.
func TestWhatAnswersLeaveOutIsARowOfItsOwn(t *testing.T) {
	a := ask.New(time.Minute, time.Minute, 2, nil)
	for _, ids := range [][]string{{"1"}, {"1", "2"}} {
		ask.Put(context.Background(), a, ask.Question{Source: "traces", Topic: evidence.TopicServices}, func(ctx context.Context) ask.Answer[int] {
			for _, id := range ids {
				evidence.Lose(ctx, evidence.LostBackwards, id)
			}
			return ask.Answer[int]{Count: 3}
		})
	}
	rows := a.Ledger.Coverage(nil)
	if len(rows) != 2 || rows[0].Lost != 2 || rows[0].Status != evidence.CoverageTruncated || rows[0].Detail != "2 spans ended before they began" {
		t.Errorf("got %+v, want a row for the two spans", rows)
	}
	if _, of := a.Ledger.Losses("traces", nil); of != 8 {
		t.Errorf("got %d, want the six that came and the two that were left out", of)
	}
}

// kept is what a recording says of one row by key.
type kept map[evidence.Topic]evidence.Coverage

func (k kept) Recorded(_, query string) (evidence.Coverage, bool) {
	c, ok := k[evidence.Topic(query)]
	return c, ok
}

func (kept) Gaps(string) []evidence.Window { return nil }

// TestAClockIsCountedApartFromWhatIsLeftOut asks a source that leaves records out,
// one whose clock is off, one of both kinds, and recordings of them, whose words for
// it are nobody's business.
func TestAClockIsCountedApartFromWhatIsLeftOut(t *testing.T) {
	off := evidence.LostClock(10 * time.Minute)
	for name, c := range map[string]struct {
		lose               []evidence.LossKind
		recorded           kept
		left, of, dated, n int
	}{
		"nothing":             {of: 3},
		"values":              {lose: []evidence.LossKind{evidence.LostNumbers, evidence.LostNumbers}, left: 2, of: 5, n: 1},
		"the clock":           {lose: []evidence.LossKind{off, off}, of: 3, dated: 2, n: 1},
		"a clock behind":      {lose: []evidence.LossKind{evidence.LostClock(-time.Hour)}, of: 3, dated: 1, n: 1},
		"both":                {lose: []evidence.LossKind{off, evidence.LostNumbers, evidence.LostBackwards}, left: 2, of: 5, dated: 1, n: 2},
		"recorded: values":    {recorded: kept{evidence.TopicUnusable: {Detail: "x", Lost: 4}}, left: 4, of: 7, n: 1},
		"recorded: the clock": {recorded: kept{evidence.TopicServerClock: {Detail: "x", Lost: 5}}, of: 3, dated: 5, n: 1},
		"recorded: both":      {recorded: kept{evidence.TopicUnusable: {Detail: "x", Lost: 4}, evidence.TopicServerClock: {Detail: "y", Lost: 5}}, left: 4, of: 7, dated: 5, n: 2},
	} {
		t.Run(name, func(t *testing.T) {
			a := ask.New(time.Minute, time.Minute, 2, nil)
			ask.Put(t.Context(), a, ask.Question{Source: "metrics", Topic: evidence.TopicValues}, func(ctx context.Context) ask.Answer[int] {
				for _, kind := range c.lose {
					evidence.Lose(ctx, kind, "")
				}
				return ask.Answer[int]{Count: 3}
			})
			var recorded port.CoverageSource
			if c.recorded != nil {
				recorded = c.recorded
			}
			if left, of := a.Ledger.Left("metrics", recorded); left != c.left || of != c.of {
				t.Errorf("left out: got %d of %d, want %d of %d", left, of, c.left, c.of)
			}
			if got := a.Ledger.Dated("metrics", recorded); got != c.dated {
				t.Errorf("dated by another clock: got %d, want %d", got, c.dated)
			}
			if rows := a.Ledger.Coverage(recorded); len(rows) != 1+c.n {
				t.Errorf("got rows %+v, want %d beside the question's own", rows, c.n)
			}
		})
	}
}
