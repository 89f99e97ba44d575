package ask

import (
	"context"
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
	whole context.Context // of the investigation; nil while there is none
}

// New makes an asker with an empty ledger.
func New(deadline, sourceDeadline time.Duration, concurrency int, clock func() time.Time) *Asker {
	return &Asker{Ledger: NewLedger(), deadline: deadline, SourceDeadline: sourceDeadline, concurrency: concurrency, clock: clock}
}

// Within says whose end is the end of all asking. It must be called before the
// first question.
func (a *Asker) Within(ctx context.Context) { a.whole = ctx }

// always is how many steps run even when the time is over: each notes that its
// question was not asked, and more of them would say nothing new.
const always = 50

// Together runs steps that do not depend on each other, as many at once as the
// options allow. Each writes where no other does. Once the investigation's time is
// over, no more than the first few steps are run.
func (a *Asker) Together(steps ...func()) {
	var g errgroup.Group
	g.SetLimit(a.concurrency)
	for i, step := range steps {
		if i >= always && a.whole != nil && a.whole.Err() != nil {
			break
		}
		g.Go(func() error {
			step()
			return nil
		})
	}
	_ = g.Wait() // steps do not fail: what goes wrong is in the ledger
}
