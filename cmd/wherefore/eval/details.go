package eval

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/wherefore-dev/wherefore/correlate/report"
)

// words are the verdicts, boldest first.
var words = []string{string(report.Confirmed), string(report.Likely), string(report.LeadOnly), string(report.Inconclusive)}

const onsetFormat = "2006-01-02T15:04:05.000Z07:00"

// onsets compares the onset that the report says with the label's.
func (s *scored) onsets(r report.Report) {
	c := &s.result
	if !r.Onset.At.IsZero() {
		c.OnsetSaid, c.OnsetFrom = r.Onset.At.UTC().Format(onsetFormat), string(r.Onset.From)
	}
	if s.onset.IsZero() {
		return
	}
	c.OnsetTruth = s.onset.Format(onsetFormat)
	if r.Onset.At.IsZero() {
		return
	}
	off := round(r.Onset.At.Sub(s.onset).Seconds())
	c.OnsetOff = &off
	c.OnsetInside = !s.onset.Before(r.Onset.Earliest) && !s.onset.After(r.Onset.Latest)
}

// missed says in one sentence why the first answer is not the right one, in the
// report's own words where it has some.
func (s *scored) missed(r report.Report) string {
	c := s.result
	switch {
	case s.right():
		return ""
	case s.label.Abstain:
		return fmt.Sprintf("nobody can know from these data, and it said %s: %s", c.Verdict, r.Title)
	case c.Truth == "" && s.label.Commit == "":
		return "" // nothing was asked
	case c.Truth == "":
		return fmt.Sprintf("commit %.12s is number %d of %d", s.label.Commit, 1+slices.Index(c.CommitsRanked, s.label.Commit), len(c.CommitsRanked))
	case len(c.Ranked) == 0:
		return "nothing is ranked"
	case c.Rank == 0:
		return fmt.Sprintf("%s is not among the %d that are ranked; %s is first: %s", c.Truth, len(c.Ranked), c.Ranked[0].Entity, firstSentence(r))
	}
	i := slices.IndexFunc(c.Ranked, func(x Ranked) bool { return slices.Contains(s.label.Culprits(), x.Entity) })
	truth, first := c.Ranked[i], c.Ranked[0]
	if first.Score == truth.Score {
		return fmt.Sprintf("%d others have the %d points of %s too", c.Rank-1, truth.Score, truth.Entity)
	}
	return fmt.Sprintf("%s has %d points against %d of %s (%s): %s", truth.Entity, truth.Score, first.Score, first.Entity, firstSentence(r), why(r, truth.Entity))
}

func firstSentence(r report.Report) string {
	if len(r.Causes) == 0 {
		return "no cause stands out"
	}
	return r.Causes[0].Sentence
}

// why is what the report says against an entity's best cause.
func why(r report.Report, entity string) string {
	for _, c := range r.Causes {
		if c.Entity.Name == entity {
			return cmp.Or(c.Lost, c.Sentence)
		}
	}
	return "nothing is claimed of it"
}

// pool adds the verdicts of all data sets up.
func pool(results []Result) map[string]VerdictCount {
	all := map[string]VerdictCount{}
	for _, r := range results {
		for w, v := range r.Verdicts {
			all[w] = counted(all[w].Right+v.Right, all[w].N+v.N)
		}
	}
	return all
}

// WriteDetails writes what a golden must not hold: per verdict how often it was
// right, by data set and pooled, with the interval; and per case the onset and
// the reason of a miss.
func WriteDetails(w io.Writer, results []Result) error {
	var b strings.Builder
	b.WriteString("\nverdicts: right of n, share, Wilson 95 %\n")
	line := func(word, where string, v VerdictCount) {
		fmt.Fprintf(&b, "  %-12s  %-24s %4d of %-4d %.2f [%.2f %.2f]\n", word, where, v.Right, v.N, float64(v.Right)/float64(v.N), v.Low, v.High)
	}
	for _, word := range words {
		for _, r := range results {
			if v, ok := r.Verdicts[word]; ok {
				line(word, r.Dataset, v)
			}
		}
		if v, ok := pool(results)[word]; ok && len(results) > 1 {
			line(word, "pooled", v)
		}
	}
	for _, r := range results {
		fmt.Fprintf(&b, "\n%s, case by case\n", r.Dataset)
		if r.OnsetOffMedian != nil {
			fmt.Fprintf(&b, "  onset off by %.1f s in the median, inside the interval %d of %d\n", *r.OnsetOffMedian, r.OnsetInside.K, r.OnsetInside.N)
		}
		if r.CulpritsFound.N > 0 {
			fmt.Fprintf(&b, "  culprits among as many first places: %d of %d\n", r.CulpritsFound.K, r.CulpritsFound.N)
		}
		r.Suspicion.write(&b, r)
		for _, c := range r.Cases {
			b.WriteString("  " + c.ID + ": " + onsetLine(c) + "\n")
			if c.Miss != "" {
				b.WriteString("    missed: " + c.Miss + "\n")
			}
		}
	}
	asked, all := 0, []Case(nil)
	for _, r := range results {
		asked, all = asked+one(r.Suspicion != nil), append(all, r.Cases...)
	}
	if asked > 1 {
		b.WriteString("\n" + together(all))
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func onsetLine(c Case) string {
	if c.OnsetSaid == "" {
		return "no onset"
	}
	s := "onset " + c.OnsetSaid + " from " + cmp.Or(c.OnsetFrom, "nothing")
	if c.OnsetOff == nil {
		return s
	}
	return fmt.Sprintf("%s, %+.1f s to the labelled one, %s the interval", s, *c.OnsetOff, map[bool]string{true: "inside", false: "outside"}[c.OnsetInside])
}
