package verdict

import (
	"slices"
	"testing"

	"github.com/wherefore-dev/wherefore/correlate/casetest"
	"github.com/wherefore-dev/wherefore/correlate/gathered"
	"github.com/wherefore-dev/wherefore/correlate/rank"
	"github.com/wherefore-dev/wherefore/correlate/report"
	"github.com/wherefore-dev/wherefore/correlate/topology"
	"github.com/wherefore-dev/wherefore/correlate/view"
)

// TestASourceTakenAwayAddsNoPointThatAWordMayRestOn takes each of traces, logs and
// metrics, and each two of them, from generated systems with one fault each. Points
// themselves may rise: what a source spoke against is a better lead without it. But
// what rises is marked as unchecked, told of others or measured where it only arrives,
// so that of no cause but the fault's own a promise rests on more points than the
// cause has with all sources.
func TestASourceTakenAwayAddsNoPointThatAWordMayRestOn(t *testing.T) {
	seeds, checked := uint64(200), 0
	if testing.Short() {
		seeds = 40
	}
	for seed := range seeds {
		c, culprit := casetest.Generated(seed)
		points := map[[2]string]int{}
		for _, x := range rank.Causes(view.New(c)) {
			points[[2]string{x.Entity.Name, string(x.Mechanism)}] = x.Score
		}
		for _, gone := range [][]string{{"traces"}, {"logs"}, {"metrics"}, {"traces", "logs"}, {"traces", "metrics"}, {"logs", "metrics"}} {
			less := withoutSources(c, gone...)
			measured := topology.MeasuredOf(less)
			for _, x := range rank.Causes(view.New(less)) {
				rests := restsOn(less, &x, measured)
				checked += min(1, max(0, rests))
				if x.Entity.Name != culprit && rests > max(0, points[[2]string{x.Entity.Name, string(x.Mechanism)}]) {
					t.Errorf("seed %d without %s: a word for %s/%s may rest on %d points, with all sources it has %d; the fault is %s's", seed, gone, x.Entity.Name, x.Mechanism, rests, points[[2]string{x.Entity.Name, string(x.Mechanism)}], culprit)
				}
			}
		}
	}
	if checked < int(seeds) {
		t.Errorf("%d causes had points that a word may rest on, want one a seed at least", checked)
	}
}

// restsOn are the points that a promise for a cause may rest on.
func restsOn(c *gathered.Evidence, cause *report.Cause, measured map[string]topology.Measured) int {
	r := &c.By().Rank.Verdict
	if mayBeVictim(c, cause, measured) || len(evidenceKinds(cause, r)) == 0 {
		return 0
	}
	return judged(cause, nil, r).boldly(cause, nil, c, measured).score
}

func withoutSources(c *gathered.Evidence, sources ...string) *gathered.Evidence {
	less := *c
	less.Sources = slices.Clone(c.Sources)
	for i := range less.Sources {
		if slices.Contains(sources, less.Sources[i].Source) {
			less.Sources[i].State = report.SourceSilent
		}
	}
	for source, drop := range map[string]func(){"traces": func() { less.Traces = nil }, "logs": func() { less.Logs = nil }, "metrics": func() { less.Metrics = nil }} {
		if slices.Contains(sources, source) {
			drop()
		}
	}
	return &less
}
