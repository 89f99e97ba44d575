package correlate

import (
	"slices"
	"testing"

	"github.com/wherefore-dev/wherefore/correlate/casetest"
	"github.com/wherefore-dev/wherefore/correlate/gathered"
	"github.com/wherefore-dev/wherefore/correlate/report"
	"github.com/wherefore-dev/wherefore/correlate/verdict"
)

// without is the evidence without what some sources told, and why they told nothing.
func without(c *gathered.Evidence, state report.SourceState, sources ...string) *gathered.Evidence {
	less := *c
	less.Sources = slices.Clone(c.Sources)
	for i := range less.Sources {
		if slices.Contains(sources, less.Sources[i].Source) {
			less.Sources[i].State = state
		}
	}
	if slices.Contains(sources, "traces") {
		less.Traces = nil
	}
	if slices.Contains(sources, "logs") {
		less.Logs = nil
	}
	if slices.Contains(sources, "metrics") {
		less.Metrics = nil
	}
	return &less
}

// answer is the first cause of some evidence and how sure the report is of it.
func answer(c *gathered.Evidence) (string, report.Verdict) {
	causes, _ := rankWithCommits(c)
	return causes[0].Entity.Name, verdict.Settle(c, causes, "")
}

// TestLessEvidenceMakesNoBolderWordOnGeneratedEvidence takes each of traces, logs and
// metrics, and each two of them, from generated systems with one fault each, as silent
// and as not configured: no other entity is called likely than the one whose fault it
// is, and no word of a promise is bolder than with all of them, but for the right
// entity and at most Likely.
func TestLessEvidenceMakesNoBolderWordOnGeneratedEvidence(t *testing.T) {
	bold := []report.VerdictWord{report.Inconclusive, report.LeadOnly, report.Likely, report.Confirmed}
	level := func(v report.Verdict) int { return slices.Index(bold, v.Word) }
	seeds, likely, said := uint64(120), 2, 0
	if testing.Short() {
		seeds = 24
	}
	for seed := range seeds {
		c, culprit := casetest.Generated(seed)
		first, whole := answer(c)
		if level(whole) >= likely {
			if said++; first != culprit {
				t.Errorf("seed %d: %s is %s because %q, and the fault is %s's", seed, first, whole.Word, whole.Because, culprit)
			}
		}
		for _, state := range []report.SourceState{report.SourceSilent, report.SourceNotConfigured} {
			for _, gone := range [][]string{{"traces"}, {"logs"}, {"metrics"}, {"traces", "logs"}, {"traces", "metrics"}, {"logs", "metrics"}} {
				name, less := answer(without(c, state, gone...))
				switch {
				case level(less) >= likely && name != culprit:
					t.Errorf("seed %d, %s %s: %s is %s because %q, and the fault is %s's", seed, gone, state, name, less.Word, less.Because, culprit)
				case level(less) > max(likely, level(whole)):
					t.Errorf("seed %d, %s %s: %s is %s, and with all sources %s is %s", seed, gone, state, name, less.Word, first, whole.Word)
				}
			}
		}
	}
	if said < int(seeds)/2 {
		t.Errorf("%d of %d are said with a word that promises something, want half", said, seeds)
	}
}
