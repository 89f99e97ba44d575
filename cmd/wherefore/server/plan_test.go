package server

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/casebook"
	"github.com/wherefore-dev/wherefore/correlate/casefile"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

type waits struct {
	casebook.Backlog
	n   int
	err error
}

func (w waits) Waiting(context.Context) (int, error) { return w.n, w.err }

func TestManyWaitingShortenFirstLooksAlone(t *testing.T) {
	for name, c := range map[string]struct {
		job      casebook.Job
		book     waits
		followUp time.Duration
		want     int
	}{
		"a first look in a storm":     {casebook.Job{Revision: 1, Why: casefile.WhyAlert}, waits{n: 500}, time.Minute, 500},
		"few wait":                    {casebook.Job{Revision: 1, Why: casefile.WhyAlert}, waits{n: shortAbove}, time.Minute, 0},
		"another look":                {casebook.Job{Revision: 2, Why: casefile.WhyLater}, waits{n: 500}, time.Minute, 0},
		"a person asked":              {casebook.Job{Revision: 1, Why: casefile.WhyAgain}, waits{n: 500}, time.Minute, 0},
		"no other look follows":       {casebook.Job{Revision: 1, Why: casefile.WhyAlert}, waits{n: 500}, 0, 0},
		"nobody knows how many there": {casebook.Job{Revision: 1, Why: casefile.WhyAlert}, waits{n: 500, err: errors.New("locked")}, time.Minute, 0},
	} {
		if got := waitingBeside(t.Context(), c.job, c.book, c.followUp); got != c.want {
			t.Errorf("%s: got %d, want %d", name, got, c.want)
		}
	}
}

// TestLooksOfOneStormEndTogether so that they put the same questions.
func TestLooksOfOneStormEndTogether(t *testing.T) {
	fired := time.Date(2026, 3, 1, 2, 51, 7, 0, time.UTC)
	alert := evidence.Alert{Instances: []evidence.AlertInstance{{StartsAt: fired}}}
	for _, c := range []struct {
		why       string
		waiting   int
		now, want time.Duration // after it fired
	}{
		{casefile.WhyAlert, 0, 31 * time.Second, 31 * time.Second},
		{casefile.WhyAlert, 50, 31 * time.Second, 23 * time.Second}, // 02:51:30
		{casefile.WhyAlert, 50, 37 * time.Second, 23 * time.Second},
		{casefile.WhyAlert, 50, 4 * time.Second, 4 * time.Second}, // not before it fired
		{casefile.WhyAgain, 0, 31 * time.Second, 31 * time.Second},
		{casefile.WhyBack, 0, 31 * time.Second, 31 * time.Second},
	} {
		_, req := planned(t.Context(), casebook.Job{Alert: alert, Why: c.why, Revision: 1}, fired.Add(c.now), c.waiting)
		if got := req.Now.Sub(fired); got != c.want || req.Waiting != c.waiting {
			t.Errorf("%s, %d waiting, %s after it fired: looks until %s after, want %s", c.why, c.waiting, c.now, got, c.want)
		}
	}
}
