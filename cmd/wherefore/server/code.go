package server

import (
	"context"

	"github.com/wherefore-dev/wherefore/correlate"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/ui"
)

// why answers for a line from the engine's own ports, so that the page and the
// command line say the same.
type why struct {
	code      correlate.CodeSource
	decisions correlate.DecisionSource
}

// Why implements ui.WhyLookup. repo is the name of a service or, where one
// repository holds all services, anything.
func (w why) Why(ctx context.Context, repo, file string, line int, rev string) (ui.WhyAnswer, error) {
	b, err := w.code.Blame(ctx, repo, evidence.Frame{File: file, Line: line, Rung: evidence.LocationSymbol}, rev)
	if err != nil {
		return ui.WhyAnswer{}, err
	}
	a := ui.WhyAnswer{Blame: b}
	for _, link := range b.Decisions {
		d, err := w.decisions.Decision(ctx, link.DecisionID)
		if err != nil {
			continue // a link to a record that nobody kept is still a link
		}
		a.Decisions = append(a.Decisions, d)
	}
	return a, nil
}
