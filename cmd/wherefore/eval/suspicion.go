package eval

import (
	"fmt"
	"slices"
	"strings"

	"github.com/wherefore-dev/wherefore/correlate/report"
)

// Suspicion is how commits were ranked and how far the belief in the first of
// them can be trusted, over the cases whose label names a commit or "none".
type Suspicion struct {
	MRR Mean `json:"mrr"`
	// Brier is over the belief in the first answer, BaseRate what it would be if
	// the share of right ones were believed of each.
	Brier    Mean    `json:"brier"`
	BaseRate float64 `json:"base_rate"`
	Bins     []Bin   `json:"bins,omitempty"`
	// Blame is how often the commit with the most votes of suspect lines is right.
	Blame Share `json:"blame_alone"`
}

// Bin counts first answers by the belief in them, a tenth each.
type Bin struct {
	From  float64 `json:"from"`
	Mean  float64 `json:"mean"`
	Right Share   `json:"right"`
}

// believed notes the belief in a case's first commit, and whom blame alone names.
func (c *Case) believed(r report.Report) {
	if len(r.Causes) == 0 {
		return
	}
	first := r.Causes[0]
	if first.Suspicion != nil && len(c.CommitsRanked) > 0 {
		switch best := first.Commits[0]; {
		case c.CommitsRanked[0] == best.SHA && best.IsCommit():
			share := float64(first.Suspicion.Share) / 1000
			c.CommitShare = &share
		case c.CommitsRanked[0] == noCommit && !best.IsCommit():
			share := 0.0 // of all that is no commit
			for _, k := range first.Commits {
				if !k.IsCommit() {
					share += float64(k.Share) / 1000
				}
			}
			share = min(1, share)
			c.CommitShare = &share
		}
	}
	most := 0
	for _, k := range first.Commits {
		for _, t := range k.Terms {
			if t.ID == "commit/blame" && t.Points > most {
				most, c.blamed = t.Points, k.SHA
			}
		}
	}
}

// suspicions adds up how commits were ranked; nil where no label names any.
func suspicions(all []scored) *Suspicion {
	var mrr, brier []float64
	var right, n [10]int
	var sum [10]float64
	hits, blamed := 0, 0
	for _, s := range all {
		if s.label.Commit == "" || s.label.Abstain {
			continue
		}
		at := slices.Index(s.result.CommitsRanked, s.label.Commit)
		reciprocal := 0.0
		if at >= 0 {
			reciprocal = 1 / float64(at+1)
		}
		mrr = append(mrr, reciprocal)
		blamed += one(s.result.blamed == s.label.Commit)
		if s.result.CommitShare == nil {
			continue
		}
		p := *s.result.CommitShare
		d := p - float64(one(at == 0))
		brier = append(brier, d*d)
		hits += one(at == 0)
		b := min(9, int(p*10))
		n[b], right[b], sum[b] = n[b]+1, right[b]+one(at == 0), sum[b]+p
	}
	if len(mrr) == 0 {
		return nil
	}
	out := &Suspicion{MRR: mean(mrr), Brier: mean(brier), Blame: share(blamed, len(mrr))}
	if len(brier) > 0 {
		rate := float64(hits) / float64(len(brier))
		out.BaseRate = round(rate * (1 - rate))
	}
	for b := range n {
		if n[b] > 0 {
			out.Bins = append(out.Bins, Bin{From: float64(b) / 10, Mean: round(sum[b] / float64(n[b])), Right: share(right[b], n[b])})
		}
	}
	return out
}

// write says it beside the probes that it has to beat.
func (s *Suspicion) write(b *strings.Builder, r Result) {
	if s == nil {
		return
	}
	fmt.Fprintf(b, "  commits: AC@1 %.2f, AC@3 %.2f, MRR %.2f, Brier %.3f (base rate %.3f)\n", r.CommitAC1.Value(), r.CommitAC3.Value(), s.MRR.Value, s.Brier.Value, s.BaseRate)
	fmt.Fprintf(b, "  none: recall %d/%d, precision %d/%d\n", r.NoneRecall.K, r.NoneRecall.N, r.NonePrecision.K, r.NonePrecision.N)
	for _, name := range []string{probeTFIDF, probeLatest} {
		if p := r.Probes[name].CommitAC1; p != nil {
			fmt.Fprintf(b, "  %s alone: AC@1 %.2f\n", name, *p)
		}
	}
	fmt.Fprintf(b, "  blame alone: AC@1 %.2f\n", s.Blame.Value())
	for _, x := range s.Bins {
		fmt.Fprintf(b, "  believed %.1f to %.1f: right %d of %d, mean %.2f  [%.2f %.2f]\n", x.From, x.From+.1, x.Right.K, x.Right.N, x.Mean, x.Right.Low, x.Right.High)
	}
}
