package ask

import (
	"time"

	"golang.org/x/sync/errgroup"
)

// Asker puts questions to sources, each under its own deadline, and keeps the
// ledger of how they ended.
type Asker struct {
	Ledger *Ledger
	// deadline bounds all questions together, sourceDeadline one of them.
	deadline, SourceDeadline time.Duration
	concurrency              int // questions at once
	// clock measures how long answers take; nil measures nothing, as in a replay.
	clock func() time.Time
}

// New makes an asker with an empty ledger.
func New(deadline, sourceDeadline time.Duration, concurrency int, clock func() time.Time) *Asker {
	return &Asker{Ledger: NewLedger(), deadline: deadline, SourceDeadline: sourceDeadline, concurrency: concurrency, clock: clock}
}

// Together runs steps that do not depend on each other, as many at once as the
// options allow. Each writes where no other does.
func (a *Asker) Together(steps ...func()) {
	var g errgroup.Group
	g.SetLimit(a.concurrency)
	for _, step := range steps {
		g.Go(func() error {
			step()
			return nil
		})
	}
	_ = g.Wait() // steps do not fail: what goes wrong is in the ledger
}
