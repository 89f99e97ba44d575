package eval

import (
	"fmt"
	"io"
	"strings"
)

// WriteText writes results as people read them: a score with its interval and n,
// the probes beside it, and one line per case.
func WriteText(w io.Writer, results []Result) error {
	var b strings.Builder
	for i, r := range results {
		if i > 0 {
			b.WriteByte('\n')
		}
		fmt.Fprintf(&b, "%s  n=%d  onset %s\n", r.Dataset, r.N, r.Onset)
		for _, x := range []struct {
			name string
			s    Share
		}{{"AC@1", r.AC1}, {"AC@3", r.AC3}, {"AC@5", r.AC5}, {"locus@1", r.LocusAC1}, {"commit@1", r.CommitAC1}, {"commit@3", r.CommitAC3},
			{"none recall", r.NoneRecall}, {"none precision", r.NonePrecision}, {"remediation", r.Remediation}, {"abstained", r.Abstained}} {
			if x.s.N > 0 {
				fmt.Fprintf(&b, "  %-15s %.2f  %d/%d  [%.2f %.2f]\n", x.name, x.s.Value(), x.s.K, x.s.N, x.s.Low, x.s.High)
			}
		}
		for _, x := range []struct {
			name string
			m    Mean
		}{{"Avg@5", r.Avg5}, {"MRR", r.MRR}, {"blast Jaccard", r.BlastJaccard}, {"Brier", r.Brier}} {
			if x.m.N > 0 {
				fmt.Fprintf(&b, "  %-15s %.2f  n=%d  [%.2f %.2f]\n", x.name, x.m.Value, x.m.N, x.m.Low, x.m.High)
			}
		}
		if r.CommitAC1.N > 0 {
			fmt.Fprintf(&b, "  %-15s %d\n", "decoys blamed", r.DecoysBlamed)
		}
		for _, v := range words {
			if c, ok := r.Verdicts[v]; ok {
				fmt.Fprintf(&b, "  %-15s %d, right at 1: %d\n", v, c.N, c.Right)
			}
		}
		for _, name := range sortedKeys(r.Probes) {
			writeProbe(&b, name, r.Probes[name])
		}
		for _, c := range r.Cases {
			b.WriteString("  " + caseLine(c) + "\n")
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func writeProbe(b *strings.Builder, name string, p ProbeScore) {
	if p.AC1 == nil && p.CommitAC1 == nil {
		return
	}
	fmt.Fprintf(b, "  probe %-15s", name)
	if p.AC1 != nil {
		fmt.Fprintf(b, " AC@1 %.2f", *p.AC1)
	}
	if p.CommitAC1 != nil {
		fmt.Fprintf(b, " commit@1 %.2f", *p.CommitAC1)
	}
	b.WriteByte('\n')
}

// caseLine says how a case went in numbers and verdicts, without its answer, so
// that it may stand in a golden.
func caseLine(c Case) string {
	s := fmt.Sprintf("%s rank %d of %d, %s", c.ID, c.Rank, len(c.Ranked), c.Verdict)
	if len(c.LocusTruth) > 0 {
		s += map[bool]string{true: ", locus hit", false: ", locus missed"}[c.LocusHit]
	}
	if c.CommitTruth != "" {
		at := 0
		for i, x := range c.CommitsRanked {
			if x == c.CommitTruth {
				at = i + 1
				break
			}
		}
		s += fmt.Sprintf(", commit rank %d", at)
	}
	if c.Decoy {
		s += ", decoy blamed"
	}
	if c.Failure != "" {
		first, _, _ := strings.Cut(c.Failure, "\n")
		s += ", failed: " + first
	}
	return s
}
