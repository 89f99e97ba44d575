// Package eval scores the engine against labelled bundles.
//
// It is the only reader of label.json. Data sets are never pooled, candidates
// are shuffled before ranking, ties count against us, a crash or a minute
// without an answer is a miss, and beside each score stand the trivial probes
// that it must beat.
package eval

import (
	"context"
	"time"

	"github.com/wherefore-dev/wherefore/correlate"
	"github.com/wherefore-dev/wherefore/correlate/report"
)

// Opener makes a bundle into what an engine reads from and the request that its
// alert makes; the caller ends it with done.
type Opener func(ctx context.Context, path string) (s correlate.Sources, req correlate.Request, done func() error, err error)

// Investigator answers one request from the given sources.
type Investigator func(ctx context.Context, s correlate.Sources, req correlate.Request) (report.Report, error)

// Options say how to evaluate.
type Options struct {
	Open        Opener
	Investigate Investigator
	Onset       Onset
	// RenameSeed, when not 0, renames every service and ID by a bijection drawn
	// with it before anything is read. Ranks must not change.
	RenameSeed int64
	Parallel   int           // cases at once, default 2
	Timeout    time.Duration // per case, default a minute
	Progress   func(done, total int)
}

// Onset says where the onset comes from.
type Onset string

// The ways to the onset. The oracle is the label's, exact or a minute off.
const (
	OnsetDetected    Onset = "detected"
	OnsetOracle      Onset = "oracle"
	OnsetOracleLate  Onset = "oracle+60s"
	OnsetOracleEarly Onset = "oracle-60s"
)

// offset is how far from the label's onset the engine is told it was; false
// when it is told nothing.
func (o Onset) offset() (time.Duration, bool) {
	switch o {
	case OnsetOracle:
		return 0, true
	case OnsetOracleLate:
		return time.Minute, true
	case OnsetOracleEarly:
		return -time.Minute, true
	}
	return 0, false
}

// Valid reports whether o is one of the ways.
func (o Onset) Valid() bool {
	_, told := o.offset()
	return told || o == OnsetDetected
}
