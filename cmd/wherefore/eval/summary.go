package eval

import (
	"math"
	"slices"

	"github.com/wherefore-dev/wherefore/correlate/report"
	"github.com/wherefore-dev/wherefore/correlate/stat"
)

// Forecast turns a verdict into the probability that it claims, for the Brier
// score: what a reader may expect of the word. Confirmed and Likely are the
// product's own promises; the others are not to be read as more than a coin's
// and a guess's.
func Forecast(v report.VerdictWord) float64 {
	switch v {
	case report.Confirmed:
		return .97
	case report.Likely:
		return .85
	case report.LeadOnly:
		return .5
	}
	return .2
}

// summarise adds the cases of one data set up.
func summarise(all []scored, onset Onset) Result {
	r := Result{Dataset: all[0].dataset, N: len(all), Onset: onset, Verdicts: map[string]VerdictCount{}, Cases: []Case{}}
	var t tally
	for _, s := range all {
		c := s.result
		r.Cases = append(r.Cases, c)
		if s.given {
			r.OnsetGiven++
		}
		if c.Decoy {
			r.DecoysBlamed++
		}
		t.seconds = append(t.seconds, c.Seconds)
		t.add(s)
		right := s.right()
		v := r.Verdicts[c.Verdict]
		r.Verdicts[c.Verdict] = counted(v.Right+one(right), v.N+1)
		if !s.label.Abstain {
			d := Forecast(report.VerdictWord(c.Verdict))
			if right {
				d = 1 - d
			}
			t.brier = append(t.brier, d*d)
		}
	}
	t.fill(&r)
	r.Probes = probeScores(all)
	r.Suspicion = suspicions(r.Cases)
	return r
}

// right reports whether the first answer is the labelled one; for a case that
// nobody can know, whether the report abstained.
func (s scored) right() bool {
	c := s.result
	switch {
	case s.label.Abstain:
		return c.Verdict == string(report.Inconclusive)
	case len(s.label.Culprits()) > 0:
		return c.Rank == 1
	default:
		return s.label.Commit != "" && len(c.CommitsRanked) > 0 && c.CommitsRanked[0] == s.label.Commit
	}
}

// tally counts hits of n.
type tally struct {
	services, at1, at3, at5               int
	culprits, found                       int
	onsets, inside                        int
	off                                   []float64
	avg5, mrr, blast, seconds, brier      []float64
	loci, locusHits                       int
	commits, commit1, commit3             int
	noneTruth, noneSaid, noneBoth         int
	remedies, remedyHits, abstain, silent int
}

func (t *tally) add(s scored) {
	c, l := s.result, s.label
	if l.Abstain {
		t.abstain++
		t.silent += one(s.right())
		return
	}
	if c.OnsetOff != nil {
		t.onsets++
		t.inside += one(c.OnsetInside)
		t.off = append(t.off, math.Abs(*c.OnsetOff))
	}
	if c.AllToBlame {
		t.culprits, t.found = t.culprits+len(c.Culprits), t.found+c.Found
	}
	if len(l.Culprits()) > 0 {
		t.services++
		hit := func(k int) int { return one(c.Rank > 0 && c.Rank <= k) }
		t.at1, t.at3, t.at5 = t.at1+hit(1), t.at3+hit(3), t.at5+hit(5)
		sum := 0
		for k := 1; k <= 5; k++ {
			sum += hit(k)
		}
		t.avg5 = append(t.avg5, float64(sum)/5)
		reciprocal := 0.0
		if c.Rank > 0 {
			reciprocal = 1 / float64(c.Rank)
		}
		t.mrr = append(t.mrr, reciprocal)
	}
	if len(l.Locus) > 0 {
		t.loci++
		t.locusHits += one(c.LocusHit)
	}
	if l.Commit != "" {
		t.commits++
		at := slices.Index(c.CommitsRanked, l.Commit)
		t.commit1 += one(at == 0)
		t.commit3 += one(at >= 0 && at < 3)
		truth, said := l.Commit == noCommit, len(c.CommitsRanked) > 0 && c.CommitsRanked[0] == noCommit
		t.noneTruth, t.noneSaid, t.noneBoth = t.noneTruth+one(truth), t.noneSaid+one(said), t.noneBoth+one(truth && said)
	}
	if l.Remediation != "" {
		t.remedies++
		t.remedyHits += one(c.Remediation == l.Remediation)
	}
	if l.BlastRadius != nil {
		t.blast = append(t.blast, jaccard(c.BlastRadius, l.BlastRadius))
	}
}

func one(b bool) int {
	if b {
		return 1
	}
	return 0
}

func (t *tally) fill(r *Result) {
	r.AC1, r.AC3, r.AC5 = share(t.at1, t.services), share(t.at3, t.services), share(t.at5, t.services)
	r.Avg5, r.MRR, r.BlastJaccard, r.Brier = mean(t.avg5), mean(t.mrr), mean(t.blast), mean(t.brier)
	r.LocusAC1 = share(t.locusHits, t.loci)
	r.CommitAC1, r.CommitAC3 = share(t.commit1, t.commits), share(t.commit3, t.commits)
	r.NoneRecall, r.NonePrecision = share(t.noneBoth, t.noneTruth), share(t.noneBoth, t.noneSaid)
	r.Remediation = share(t.remedyHits, t.remedies)
	r.Abstained = share(t.silent, t.abstain)
	r.SecondsMedian = stat.Median(t.seconds)
	r.CulpritsFound, r.OnsetInside = share(t.found, t.culprits), share(t.inside, t.onsets)
	if t.onsets > 0 {
		m := round(stat.Median(t.off))
		r.OnsetOffMedian = &m
	}
}
