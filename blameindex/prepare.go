package blameindex

import (
	"context"
	"errors"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

// Prepared bounds what is read ahead.
const (
	preparedCommits = 200
	preparedFiles   = 20
	preparedAge     = 14 * 24 * time.Hour
)

// Prepare reads what an investigation of a deployment will ask: the commits that
// went live by it, its decisions, and the lines of the files that they touch. An
// alert that follows within minutes then finds it ready. A service without a
// repository and a revision that is not in it are no errors.
func (s *Source) Prepare(ctx context.Context, service, from, to string, at time.Time) error {
	commits, err := s.Commits(ctx, evidence.CommitQuery{
		Service: service, From: from, To: to, Limit: preparedCommits,
		Window: evidence.Window{Start: at.Add(-preparedAge), End: at.Add(time.Nanosecond)},
	})
	if err == nil && to != "" {
		err = s.prepareLines(ctx, service, to, commits)
	}
	if errors.Is(err, evidence.ErrNotFound) || errors.Is(err, evidence.ErrInvalid) {
		return nil
	}
	return err
}

// prepareLines indexes the decisions of a revision and the files that commits
// touched, newest commits first.
func (s *Source) prepareLines(ctx context.Context, service, to string, commits []evidence.Commit) error {
	p, err := s.place(service)
	if err != nil {
		return err
	}
	sha, err := p.resolve(ctx, to)
	if err != nil {
		return err
	}
	if err := p.ensure(ctx, sha, ""); err != nil {
		return err
	}
	seen := map[string]bool{}
	for _, c := range commits {
		for _, f := range c.Files {
			if seen[f] || len(seen) >= preparedFiles {
				continue
			}
			seen[f] = true
			if err := p.ensure(ctx, sha, f); err != nil && ctx.Err() != nil {
				return err // a file that cannot be read is nobody's suspect yet
			}
		}
	}
	return nil
}
