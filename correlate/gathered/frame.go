package gathered

import (
	"slices"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

func blamed(b *evidence.Blame, sha string) bool {
	return slices.ContainsFunc(b.Lines, func(l evidence.BlameLine) bool { return l.Line == b.Ref.Line && l.Commit == sha })
}

// Suspect reports a place that the failure names more than normal work did.
func (f *Frame) Suspect() bool { return f.Failing || f.Seen > f.Before }

// Vote is how much a place's line speaks for a commit, from 0 to 1: by its
// history, with 1/rank for the rank-th commit back, else by blame alone.
func (f *Frame) Vote(sha string) float64 {
	if i := slices.IndexFunc(f.Votes, func(v evidence.LineVote) bool { return v.Commit == sha }); i >= 0 {
		return float64(f.Votes[i].Votes) / 1000
	}
	if len(f.Votes) == 0 && f.Blame != nil && blamed(f.Blame, sha) {
		return 1
	}
	return 0
}
