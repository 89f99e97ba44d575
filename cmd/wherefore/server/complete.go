package server

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/wherefore-dev/wherefore/correlate/casebook"
	"github.com/wherefore-dev/wherefore/correlate/casefile"
	"github.com/wherefore-dev/wherefore/correlate/report"
)

// complete is a keep.Review. An investigation has seconds, and what it could not ask by
// then, or what came too late for it, a recording has: where its report says more, that
// is published, and replays from its own bundle to the same.
func (r *room) complete(ctx context.Context, b casebook.Bundle, file string) (int, error) {
	replay := r.backend.Load().Replay
	if replay == nil {
		return b.Revision, nil
	}
	before, err := readReport(ctx, r.book, b.Incident, b.Revision)
	if err != nil {
		return b.Revision, err
	}
	r.afterInvestigations(ctx)
	began := r.s.now()
	now, err := replay(ctx, file)
	if err != nil || !report.Completes(&before, &now) {
		return b.Revision, err
	}
	revisions, err := r.book.Revisions(ctx, b.Incident) // newest first
	if err != nil || len(revisions) == 0 {
		return b.Revision, err
	}
	j := casebook.Job{Incident: b.Incident, Alert: now.Alert, Revision: revisions[0].Number + 1, Why: casefile.WhyComplete, Tenant: r.tenant}
	now.Incident, now.Revision = j.Incident, j.Revision // a bundle knows the ID of its alert, and no revision
	body, err := json.Marshal(now)
	if err != nil {
		return b.Revision, fmt.Errorf("report as JSON: %w", err)
	}
	err = r.book.PublishComplete(ctx, b, now, body, r.messages(ctx, j, now)...)
	if err != nil {
		r.notify.Forget(j.Incident)
	}
	if errors.Is(err, casefile.ErrConflict) {
		return b.Revision, nil // it is investigated again, and that has evidence of its own
	}
	if err != nil {
		return b.Revision, err
	}
	r.s.feed.Finished(j, now, r.s.now().Sub(began), nil)
	return j.Revision, nil
}
