package server

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/wherefore-dev/wherefore/blameindex"
	"github.com/wherefore-dev/wherefore/correlate"
	"github.com/wherefore-dev/wherefore/correlate/casebook"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/report"
	"github.com/wherefore-dev/wherefore/sources/endpoint"
	"github.com/wherefore-dev/wherefore/ui"
)

// why answers for a line from the engine's own ports, so that the page and the
// command line say the same. Several indexes are asked in turn: the first that
// knows the revision answers.
type why []*blameindex.Source

// Why implements ui.WhyLookup. repo is the name of a repository or of a service, and
// may be empty where there is one repository. Without a revision it is the newest
// commit of the newest history.
func (w why) Why(ctx context.Context, repo, file string, line int, rev string) (ui.WhyAnswer, error) {
	err := evidence.ErrNotFound
	if rev == "" {
		rev, w = "HEAD", slices.Clone(w)
		slices.Reverse(w) // oldest history first
	}
	for _, index := range w {
		var b evidence.Blame
		var service string
		if service, err = index.ServiceIn(repo); err != nil {
			continue
		}
		if b, err = index.Blame(ctx, service, evidence.Frame{File: file, Line: line, Rung: evidence.LocationSymbol}, rev); err != nil {
			continue
		}
		a := ui.WhyAnswer{Blame: b}
		for _, link := range b.Decisions {
			d, err := index.Decision(ctx, link.DecisionID, service, rev)
			if err != nil {
				continue // a link to a record that nobody kept is still a link
			}
			a.Decisions = append(a.Decisions, d)
		}
		return a, nil
	}
	return ui.WhyAnswer{}, err
}

// decisions lists what the indexes know, and what the casebook knows of it. It
// implements ui.DecisionStore and ui.HotLines.
type decisions struct {
	indexes []*blameindex.Source
	book    casebook.Suspects
}

// mostLines bounds how many runs of lines are counted for one decision.
const mostLines = 1000

func (d decisions) Decisions(ctx context.Context) ([]ui.DecisionSummary, error) {
	attributed, err := d.book.Attributed(ctx)
	if err != nil {
		return nil, err
	}
	var list []ui.DecisionSummary
	seen := map[string]bool{}
	for _, index := range slices.Backward(d.indexes) { // the newest history says most
		all, err := index.Decisions(ctx)
		if err != nil {
			return nil, err
		}
		for _, x := range all {
			if seen[x.ID] {
				continue
			}
			seen[x.ID] = true
			s := ui.DecisionSummary{ID: x.ID, Title: x.Title, Status: x.Status, EffectiveAt: x.When.EffectiveAt, Incidents: attributed[x.ID]}
			runs, err := d.Covers(ctx, x.ID, mostLines)
			if err != nil {
				return nil, err
			}
			for _, r := range runs {
				s.Lines += max(1, r.To-r.Ref.Line+1)
			}
			list = append(list, s)
		}
	}
	slices.SortFunc(list, func(a, b ui.DecisionSummary) int {
		return cmp.Or(b.EffectiveAt.Compare(a.EffectiveAt), cmp.Compare(a.ID, b.ID))
	})
	return list, nil
}

func (d decisions) Decision(ctx context.Context, id string) (evidence.Decision, error) {
	err := evidence.ErrNotFound
	for _, index := range slices.Backward(d.indexes) {
		var found evidence.Decision
		if found, err = index.Decision(ctx, id, "", ""); err == nil {
			return found, nil
		}
		if !errors.Is(err, evidence.ErrNotFound) {
			return evidence.Decision{}, err
		}
	}
	return evidence.Decision{}, err
}

// Covers lists the lines that name the decision, then those that incidents led
// to and behind which it stood.
func (d decisions) Covers(ctx context.Context, id string, limit int) ([]ui.CoveredLines, error) {
	var list []ui.CoveredLines
	known := func(c ui.CoveredLines) bool {
		return slices.ContainsFunc(list, func(o ui.CoveredLines) bool {
			return o.Ref.Path == c.Ref.Path && o.Ref.Line <= c.Ref.Line && c.To <= o.To
		})
	}
	for _, index := range slices.Backward(d.indexes) {
		found, err := index.Covers(ctx, id, limit)
		if err != nil {
			return nil, err
		}
		for _, c := range found {
			if x := (ui.CoveredLines{Ref: c.Ref, To: c.To, Kind: "tag"}); !known(x) {
				list = append(list, x)
			}
		}
	}
	hot, err := d.book.LinesOf(ctx, id, limit)
	if err != nil {
		return nil, err
	}
	slices.SortFunc(hot, func(a, b ui.HotLine) int {
		return cmp.Or(cmp.Compare(a.Ref.Path, b.Ref.Path), cmp.Compare(a.Ref.Line, b.Ref.Line))
	})
	for _, h := range hot {
		x := ui.CoveredLines{Ref: h.Ref, To: h.Ref.Line, Kind: "suspected in an incident"}
		if n := len(list) - 1; n >= 0 && list[n].Kind == x.Kind && list[n].Ref.Path == h.Ref.Path && list[n].To+1 == h.Ref.Line {
			list[n].To = h.Ref.Line
			continue
		}
		if !known(x) {
			list = append(list, x)
		}
	}
	return list[:min(len(list), limit)], nil
}

// Hot implements ui.HotLines.
func (d decisions) Hot(ctx context.Context, limit int) ([]ui.HotLine, error) {
	return d.book.Hot(ctx, limit)
}

// CodePorts are the look-ups of the pages over decision indexes, oldest
// history first, and the casebook.
func CodePorts(book casebook.Suspects, indexes ...*blameindex.Source) Ports {
	d := decisions{indexes, book}
	return Ports{Why: why(indexes), Decisions: d, Hot: d}
}

// promises are the look-ups of the engine of what is so now.
type promises struct {
	engine *correlate.Engine
	now    func() time.Time
}

// Present implements ui.PresentState.
func (p promises) Present(ctx context.Context, a evidence.Alert) report.Present {
	return p.engine.Present(endpoint.IgnoringTimeouts(ctx), a, p.now().UTC())
}

// CheckNow implements ui.ConditionChecker.
func (p promises) CheckNow(ctx context.Context, service string, d evidence.Decision) ([]report.ConditionResult, error) {
	if len(d.How.Verify) == 0 {
		return nil, fmt.Errorf("decision %s promised nothing: %w", d.ID, evidence.ErrNotFound)
	}
	return p.engine.CheckPromises(endpoint.IgnoringTimeouts(ctx), service, d, p.now().UTC()), nil
}
