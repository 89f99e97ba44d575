package eval

import (
	"cmp"
	"fmt"
	"io"
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
	// Fifths are the cases in order of the belief, in five parts of equal size;
	// empty below twenty a part, since of fewer nothing can be said.
	Fifths []Bin `json:"fifths,omitempty"`
	// Blame is how often the commit with the most votes of suspect lines is right.
	Blame Share `json:"blame_alone"`
}

// Bin counts first answers by the belief in them, a tenth or a fifth of the cases
// each.
type Bin struct {
	From  float64 `json:"from"` // the least belief
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
func suspicions(cases []Case) *Suspicion {
	var mrr, brier []float64
	var all []belief
	blamed := 0
	for _, c := range cases {
		if c.CommitTruth == "" || c.abstain {
			continue
		}
		at := slices.Index(c.CommitsRanked, c.CommitTruth)
		reciprocal := 0.0
		if at >= 0 {
			reciprocal = 1 / float64(at+1)
		}
		mrr = append(mrr, reciprocal)
		blamed += one(c.blamed == c.CommitTruth)
		if c.CommitShare == nil {
			continue
		}
		x := belief{*c.CommitShare, at == 0}
		d := x.share - float64(one(x.right))
		brier, all = append(brier, d*d), append(all, x)
	}
	if len(mrr) == 0 {
		return nil
	}
	out := &Suspicion{MRR: mean(mrr), Brier: mean(brier), Blame: share(blamed, len(mrr))}
	if len(all) == 0 {
		return out
	}
	rate := binned(all).Right.Value()
	out.BaseRate = round(rate * (1 - rate))
	var tenths [10][]belief
	for _, x := range all {
		b := min(9, int(x.share*10))
		tenths[b] = append(tenths[b], x)
	}
	for b, list := range tenths {
		if len(list) > 0 {
			x := binned(list)
			x.From = float64(b) / 10
			out.Bins = append(out.Bins, x)
		}
	}
	slices.SortStableFunc(all, func(a, b belief) int { return cmp.Compare(a.share, b.share) })
	for i := 0; i < 5 && len(all) >= 5*leastOfFifth; i++ {
		out.Fifths = append(out.Fifths, binned(all[i*len(all)/5:(i+1)*len(all)/5]))
	}
	return out
}

// leastOfFifth is how many cases a fifth must have for its share to say something.
const leastOfFifth = 20

// belief is the belief in a first answer and whether it was right.
type belief struct {
	share float64
	right bool
}

// binned counts beliefs, of which there are some.
func binned(list []belief) Bin {
	sum, right := 0.0, 0
	for _, x := range list {
		sum, right = sum+x.share, right+one(x.right)
	}
	return Bin{From: round(list[0].share), Mean: round(sum / float64(len(list))), Right: share(right, len(list))}
}

// holds reports whether the mean belief lies within the interval of the share right.
func (b Bin) holds() bool { return b.Mean >= b.Right.Low && b.Mean <= b.Right.High }

// WriteSuspicions writes how commits were ranked on each data set that asks for them,
// beside the probes, and of all together whether the belief can be trusted.
func WriteSuspicions(w io.Writer, results []Result) error {
	var b strings.Builder
	var all []Case
	sets := 0
	for _, r := range results {
		if r.Suspicion == nil {
			continue
		}
		sets++
		all = append(all, r.Cases...)
		fmt.Fprintf(&b, "%s, commits of %d cases\n", r.Dataset, r.CommitAC1.N)
		r.Suspicion.write(&b, r)
	}
	if sets > 1 {
		b.WriteString(together(all))
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// together says how far the belief in the first commit can be trusted over several
// data sets: a share means the same everywhere.
func together(cases []Case) string {
	s := suspicions(cases)
	if s == nil || s.Brier.N == 0 {
		return ""
	}
	var b strings.Builder
	fmt.Fprintf(&b, "all together, commits of %d cases\n  MRR %.2f, Brier %.3f, %.3f better than the base rate\n", s.MRR.N, s.MRR.Value, s.Brier.Value, s.BaseRate-s.Brier.Value)
	s.writeBins(&b)
	return b.String()
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
	s.writeBins(b)
}

func (s *Suspicion) writeBins(b *strings.Builder) {
	for _, x := range s.Bins {
		fmt.Fprintf(b, "  believed %.1f to %.1f: right %d of %d, mean %.2f  [%.2f %.2f]\n", x.From, x.From+.1, x.Right.K, x.Right.N, x.Mean, x.Right.Low, x.Right.High)
	}
	for i, x := range s.Fifths {
		fmt.Fprintf(b, "  fifth %d, believed %.2f: right %d of %d  [%.2f %.2f]%s\n", i+1, x.Mean, x.Right.K, x.Right.N, x.Right.Low, x.Right.High, map[bool]string{false: ", outside"}[x.holds()])
	}
}
