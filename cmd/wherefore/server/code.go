package server

import (
	"context"

	"github.com/wherefore-dev/wherefore/blameindex"
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
		d, err := w.decisions.Decision(ctx, link.DecisionID, repo, rev)
		if err != nil {
			continue // a link to a record that nobody kept is still a link
		}
		a.Decisions = append(a.Decisions, d)
	}
	return a, nil
}

// decisions lists what one index knows. It implements ui.DecisionStore.
type decisions struct{ index *blameindex.Source }

func (d decisions) Decisions(ctx context.Context) ([]ui.DecisionSummary, error) {
	all, err := d.index.Decisions(ctx)
	list := make([]ui.DecisionSummary, len(all))
	for i, x := range all {
		list[i] = ui.DecisionSummary{ID: x.ID, Title: x.Title, Status: x.Status, EffectiveAt: x.When.EffectiveAt}
	}
	return list, err
}

func (d decisions) Decision(ctx context.Context, id string) (evidence.Decision, error) {
	return d.index.Decision(ctx, id, "", "")
}

func (d decisions) Covers(ctx context.Context, id string, limit int) ([]ui.CoveredLines, error) {
	found, err := d.index.Covers(ctx, id, limit)
	list := make([]ui.CoveredLines, len(found))
	for i, c := range found {
		list[i] = ui.CoveredLines{Ref: c.Ref, To: c.To, Kind: "tag"}
	}
	return list, err
}

// CodePorts are the look-ups of the pages over one decision index.
func CodePorts(index *blameindex.Source) Ports {
	return Ports{Why: why{index, index}, Decisions: decisions{index}}
}
