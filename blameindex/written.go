package blameindex

import (
	"context"
	"fmt"

	"github.com/wherefore-dev/wherefore/blameindex/decision"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

// Written answers about decisions from records alone, without a repository:
// whatever the service and the revision, they are these. It implements
// correlate.DecisionSource and correlate.CheckSource.
type Written []decision.Record

// Decision implements correlate.DecisionSource.
func (w Written) Decision(_ context.Context, id, _, _ string) (evidence.Decision, error) {
	if d, ok := pick(w, id); ok {
		return d, nil
	}
	return evidence.Decision{}, fmt.Errorf("no decision %q is recorded: %w", clip(id), evidence.ErrNotFound)
}

// CoveredBy implements correlate.DecisionSource.
func (w Written) CoveredBy(_ context.Context, _, _ string, c evidence.Commit) ([]evidence.DecisionLink, error) {
	return Cover(w, c), nil
}

// BrokenChecks implements correlate.CheckSource.
func (w Written) BrokenChecks(_ context.Context, _, _ string, c evidence.Commit) ([]evidence.BrokenCheck, error) {
	return brokenChecks(w, c)
}
