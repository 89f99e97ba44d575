package ask_test

import (
	"context"
	"testing"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/ask"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
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
