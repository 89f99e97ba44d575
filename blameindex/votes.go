package blameindex

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/wherefore-dev/wherefore/blameindex/git"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

// historyDepth is how many commits back a line's history votes: with 1/rank the
// tenth has a tenth of the newest one's say.
const historyDepth = 10

// wholeVote is the vote of the newest commit of one line, in milli-votes.
const wholeVote = 1000

// LineVotes implements correlate.HistorySource: each suspect line votes over
// its own history, 1/rank for the rank-th commit that made it what it is, so
// that older ancestors count less. Commits that changed only white space are
// passed over and take no rank.
func (s *Source) LineVotes(ctx context.Context, service string, frames []evidence.Frame, rev string) ([]evidence.LineVote, error) {
	p, err := s.place(service)
	if err != nil {
		return nil, err
	}
	sha, err := p.resolve(ctx, rev)
	if err != nil {
		return nil, err
	}
	files, err := p.paths(ctx, sha)
	if err != nil {
		return nil, err
	}
	repo, err := p.ready(ctx)
	if err != nil {
		return nil, err
	}
	v := voting{repo: repo, votes: map[string]*evidence.LineVote{}}
	for _, f := range frames {
		path, err := resolveFrame(f, files, p.Prefix, p.BuildPrefixes)
		if errors.Is(err, evidence.ErrNotFound) || f.Line < 1 {
			continue // another's code has no vote here
		}
		if err == nil {
			err = v.line(ctx, sha, path, f.Line)
		}
		if err != nil {
			return nil, err
		}
	}
	return v.sorted(), nil
}

type voting struct {
	repo  *git.Repo
	votes map[string]*evidence.LineVote
}

func (v *voting) line(ctx context.Context, sha, path string, line int) error {
	commits, err := v.repo.LineHistory(ctx, sha, path, line, line, historyDepth)
	if err != nil {
		if ctx.Err() != nil {
			return err
		}
		return nil // past the end, or an object is missing: no vote
	}
	style, err := v.repo.StyleOnly(ctx, commits)
	if err != nil {
		return err
	}
	rank := 0
	for _, c := range commits {
		if style[c] {
			continue
		}
		rank++
		vote := v.votes[c]
		if vote == nil {
			vote = &evidence.LineVote{Commit: c}
			v.votes[c] = vote
		}
		vote.Votes += wholeVote / rank
		place := fmt.Sprintf("%s:%d", path, line)
		if !slices.Contains(vote.Lines, place) {
			vote.Lines = append(vote.Lines, place)
		}
	}
	return nil
}

func (v *voting) sorted() []evidence.LineVote {
	out := make([]evidence.LineVote, 0, len(v.votes))
	for _, vote := range v.votes {
		slices.Sort(vote.Lines)
		out = append(out, *vote)
	}
	slices.SortFunc(out, func(a, b evidence.LineVote) int {
		return cmp.Or(cmp.Compare(b.Votes, a.Votes), strings.Compare(a.Commit, b.Commit))
	})
	return out
}
