package eval

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/report"
	"github.com/wherefore-dev/wherefore/sources/bundle"
)

func TestTiesCountAgainstUs(t *testing.T) {
	ranked := []Ranked{{"a", 9}, {"b", 7}, {"c", 7}, {"d", 0}}
	for truth, want := range map[string]int{"a": 1, "b": 3, "c": 3, "d": 4, "absent": 0, "": 0} {
		if got := rankOf(bundle.Label{Service: truth}.Culprits(), ranked); got != want {
			t.Errorf("%q: got rank %d, want %d", truth, got, want)
		}
	}
}

func TestOfSeveralCulpritsTheBestPlacedCounts(t *testing.T) {
	r := report.Report{Ranked: []report.EntityScore{{Entity: "a", Score: 9}, {Entity: "b", Score: 7}, {Entity: "c", Score: 7}, {Entity: "d", Score: 1}}}
	for name, tc := range map[string]struct {
		label         bundle.Label
		rank, found   int
		all, right    bool
		truth, missed string
	}{
		"one":                 {label: bundle.Label{Service: "a"}, rank: 1, right: true, truth: "a"},
		"all to blame":        {label: bundle.Label{Services: []string{"a", "b"}}, rank: 1, found: 2, all: true, right: true, truth: "a, b"},
		"half of them first":  {label: bundle.Label{Services: []string{"a", "d"}}, rank: 1, found: 1, all: true, right: true, truth: "a, d"},
		"ties among culprits": {label: bundle.Label{Services: []string{"b", "c"}}, rank: 2, found: 1, all: true, truth: "b, c", missed: "b has 7 points against 9 of a"},
		"any of":              {label: bundle.Label{AnyOf: []string{"d", "a"}}, rank: 1, right: true, truth: "d, a"},
		"none of them":        {label: bundle.Label{AnyOf: []string{"x", "y"}}, truth: "x, y", missed: "x, y is not among the 4 that are ranked; a is first"},
		"one, and more":       {label: bundle.Label{Service: "d", Services: []string{"d", "c"}}, rank: 3, found: 0, all: true, truth: "d, c", missed: "c has 7 points against 9 of a"},
	} {
		t.Run(name, func(t *testing.T) {
			s := scored{labelled: labelled{dataset: "d", label: tc.label}}
			score(&s.result, tc.label, r)
			c, missed := s.result, s.missed(r)
			if c.Rank != tc.rank || c.Found != tc.found || c.AllToBlame != tc.all || c.Truth != tc.truth || s.right() != tc.right || !strings.HasPrefix(missed, tc.missed) || (tc.missed == "") != (missed == "") {
				t.Errorf("got rank %d, found %d, all %v, truth %q, right %v, missed %q; want %+v", c.Rank, c.Found, c.AllToBlame, c.Truth, s.right(), missed, tc)
			}
		})
	}
}

func TestChanceCountsWhoCouldBeNamed(t *testing.T) {
	one, two := bundle.Label{Service: "a"}, bundle.Label{AnyOf: []string{"a", "b"}}
	ranked := Case{Ranked: []Ranked{{Entity: "a"}, {Entity: "b"}, {Entity: "c"}, {Entity: "d"}}}
	for name, tc := range map[string]struct {
		s    scored
		want float64
	}{
		"candidates":         {scored{labelled: labelled{label: one}, probes: probeAnswers{candidates: 10}, result: ranked}, .1},
		"several right ones": {scored{labelled: labelled{label: two}, probes: probeAnswers{candidates: 10}, result: ranked}, .2},
		"none named":         {scored{labelled: labelled{label: one}, result: ranked}, .25},
		"nothing at all":     {scored{labelled: labelled{label: two}}, 1},
	} {
		if got := chance(tc.s); got != tc.want {
			t.Errorf("%s: got %v, want %v", name, got, tc.want)
		}
	}
}

func TestAnOnsetIsComparedWithItsInterval(t *testing.T) {
	at := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	r := report.Report{Onset: report.Onset{At: at, Earliest: at.Add(-10 * time.Second), Latest: at.Add(5 * time.Second), From: "traces"}}
	for off, inside := range map[time.Duration]bool{0: true, -10 * time.Second: true, 5 * time.Second: true, 6 * time.Second: false, -11 * time.Second: false} {
		s := scored{labelled: labelled{onset: at.Add(off)}}
		s.onsets(r)
		if c := s.result; c.OnsetOff == nil || *c.OnsetOff != -off.Seconds() || c.OnsetInside != inside {
			t.Errorf("%s: got %v and %v, want %v and %v", off, c.OnsetOff, c.OnsetInside, -off.Seconds(), inside)
		}
	}
	var s scored
	s.onsets(r)
	if s.result.OnsetOff != nil || s.result.OnsetSaid != "2026-03-01T12:00:00.000Z" {
		t.Errorf("got %+v, want what was said and no comparison", s.result)
	}
}

func TestVerdictsAreCountedPerSetAndPooled(t *testing.T) {
	of := func(set string, n, right int) Result {
		return Result{Dataset: set, Verdicts: map[string]VerdictCount{"Likely": counted(right, n)}}
	}
	results := []Result{of("one", 8, 8), of("two", 2, 0)}
	if d := cmp.Diff(VerdictCount{N: 10, Right: 8, Low: .4902, High: .9433}, pool(results)["Likely"]); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
	var b strings.Builder
	if err := WriteDetails(&b, results); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"Likely        one                         8 of 8    1.00 [0.68 1.00]", "Likely        pooled                      8 of 10   0.80 [0.49 0.94]"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("got\n%s\nwithout %q", b.String(), want)
		}
	}
}

func TestEachEntityIsRankedOnceByItsBestCause(t *testing.T) {
	r := report.Report{
		Ranked: []report.EntityScore{{Entity: "a", Score: 3}, {Entity: "silent"}, {Entity: "a", Score: 5}},
		Causes: []report.Cause{{Entity: evidence.Entity{Name: "b"}, Score: 4}, {Entity: evidence.Entity{Name: "a"}, Score: 1}},
	}
	if d := cmp.Diff([]Ranked{{"a", 5}, {"b", 4}, {"silent", 0}}, ranking(r)); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

func TestNoneIsAnAnswerAmongCommits(t *testing.T) {
	cause := func(trigger report.Trigger, shas ...string) report.Cause {
		c := report.Cause{Trigger: trigger}
		for _, s := range shas {
			c.Commits = append(c.Commits, report.CommitScore{SHA: s})
		}
		return c
	}
	for name, tc := range map[string]struct {
		causes []report.Cause
		want   []string
	}{
		"code first":                      {[]report.Cause{cause("code", "a", "b"), cause("infra", "c")}, []string{"a", "b", "none"}},
		"no code cause":                   {[]report.Cause{cause("infra", "a"), cause("code", "b")}, []string{"none", "b"}},
		"unknown is not none":             {[]report.Cause{cause("none", "a"), cause("load"), cause("code", "b")}, []string{"none", "b", "a"}},
		"none ranked among the commits":   {[]report.Cause{cause("none", "none", "a"), cause("code", "b")}, []string{"none", "a", "b"}},
		"a commit ahead of none":          {[]report.Cause{cause("flag", "a", "none"), cause("code", "b")}, []string{"a", "none", "b"}},
		"a change without a commit ahead": {[]report.Cause{cause("flag", "", "a", "none"), cause("code", "b")}, []string{"none", "a", "b"}},
		"each once":                       {[]report.Cause{cause("code", "a"), cause("code", "a", "b"), cause("flag"), cause("config")}, []string{"a", "b", "none"}},
		"an empty report answers nothing": {nil, nil},
	} {
		t.Run(name, func(t *testing.T) {
			if d := cmp.Diff(tc.want, commitRanking(report.Report{Causes: tc.causes})); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
		})
	}
}

func TestLociAreTheLabelledOnes(t *testing.T) {
	log := report.Locus{Kind: report.LocusLog, Name: "<*> INFO p.PayService#<*> done", Text: "18:00 INFO p.PayService#31 done"}
	span := report.Locus{Kind: report.LocusSpan, Name: "RouteController.queryByIds"}
	cpu := report.Locus{Kind: report.LocusMetric, Name: "cpu_usage_millicores"}
	gap := report.Locus{Kind: report.LocusSpan, Name: "network between a and b"}
	for name, tc := range map[string]struct {
		loci []report.Locus
		want []string
		hit  bool
	}{
		"event in the sample's text":     {[]report.Locus{log}, []string{"p.PayService#31"}, true},
		"both events":                    {[]report.Locus{span, log}, []string{"p.PayService#31", "RouteController.queryByIds start"}, true},
		"one of two events":              {[]report.Locus{log}, []string{"p.PayService#31", "RouteController.queryByIds start"}, false},
		"the same resource":              {[]report.Locus{cpu}, []string{"cpu_usage_rate_percent"}, true},
		"another resource":               {[]report.Locus{cpu}, []string{"memory_usage_mebibytes"}, false},
		"network by its word":            {[]report.Locus{gap}, []string{"network_p90_milliseconds"}, true},
		"a metric as the data spells it": {[]report.Locus{{Kind: report.LocusMetric, Name: "queue_depth_items"}}, []string{"queue-depth items"}, true},
		"a log line about the CPU":       {[]report.Locus{{Kind: report.LocusLog, Name: "cpu is hot"}}, []string{"cpu_usage_rate_percent"}, false},
	} {
		t.Run(name, func(t *testing.T) {
			if got := lociHold(tc.loci, tc.want); got != tc.hit {
				t.Errorf("got %v, want %v", got, tc.hit)
			}
		})
	}
}

func TestOnlyTheFirstTwoLociOfTheFirstCauseCount(t *testing.T) {
	metric := func(n string) report.Locus { return report.Locus{Kind: report.LocusMetric, Name: n} }
	r := report.Report{Causes: []report.Cause{{Entity: evidence.Entity{Name: "a"}, Loci: []report.Locus{metric("x"), metric("y"), metric("cpu")}}}}
	var c Case
	score(&c, bundle.Label{Service: "a", Locus: []string{"cpu"}}, r)
	if c.LocusHit {
		t.Error("the third locus was counted")
	}
	r.Causes[0].Loci = r.Causes[0].Loci[1:]
	score(&c, bundle.Label{Service: "a", Locus: []string{"cpu"}}, r)
	if !c.LocusHit {
		t.Error("the second locus was not counted")
	}
	score(&c, bundle.Label{Service: "b", Locus: []string{"cpu"}}, r)
	if c.LocusHit {
		t.Error("a locus of the wrong entity was counted")
	}
}

// TestIntervalsAreWilsons compares with the values of his formula worked out by
// hand and published tables (8 of 10: .490 to .943).
func TestIntervalsAreWilsons(t *testing.T) {
	for _, tc := range []struct {
		k, n      int
		low, high float64
	}{{8, 10, .490, .943}, {0, 10, 0, .278}, {10, 10, .722, 1}, {0, 0, 0, 0}} {
		s := share(tc.k, tc.n)
		if math.Abs(s.Low-tc.low) > .001 || math.Abs(s.High-tc.high) > .001 {
			t.Errorf("%d of %d: got [%.3f %.3f], want [%.3f %.3f]", tc.k, tc.n, s.Low, s.High, tc.low, tc.high)
		}
	}
}

func TestTheBootstrapIsTheSameEveryTimeAndHoldsTheMean(t *testing.T) {
	v := []float64{1, 0, 1, .5, 1, 0, 0, 1}
	a, b := mean(v), mean(v)
	if a != b {
		t.Errorf("got %v and %v", a, b)
	}
	if a.Value < a.Low || a.Value > a.High || a.Low == a.High {
		t.Errorf("got %v, want an interval around the mean", a)
	}
}

func TestJaccard(t *testing.T) {
	for _, tc := range []struct {
		a, b []string
		want float64
	}{{nil, nil, 1}, {[]string{"a"}, nil, 0}, {[]string{"a", "b"}, []string{"b", "c"}, 1. / 3}, {[]string{"a", "a"}, []string{"a"}, 1}} {
		if got := jaccard(tc.a, tc.b); got != tc.want {
			t.Errorf("%v %v: got %v, want %v", tc.a, tc.b, got, tc.want)
		}
	}
}

func TestTFIDFFindsTheCommitThatSpeaksOfTheError(t *testing.T) {
	commits := []evidence.Commit{
		{SHA: "a", Message: "update readme", Files: []string{"README.md"}},
		{SHA: "b", Message: "lower the pool", Files: []string{"db/pool.go"}, Diff: "-maxConns = 50\n+maxConns = 5"},
		{SHA: "c", Message: "rename handler"},
	}
	if got := nearestCommit("pool exhausted: max_conns reached", commits); got != "b" {
		t.Errorf("got %q, want b", got)
	}
	if got := nearestCommit("", commits); got != "" {
		t.Errorf("got %q, want no answer to nothing", got)
	}
}

func TestSummaryCountsWhatTheLabelsSay(t *testing.T) {
	make := func(l bundle.Label, c Case) scored {
		return scored{labelled: labelled{dataset: "d", label: l}, result: c}
	}
	r := summarise([]scored{
		make(bundle.Label{Service: "a", Commit: "x", Decoys: []string{"y"}}, Case{Rank: 1, CommitsRanked: []string{"y", "x"}, Decoy: true, Verdict: "Confirmed", Seconds: 1}),
		make(bundle.Label{Service: "a", Commit: "none"}, Case{Rank: 4, CommitsRanked: []string{"none"}, Verdict: "Likely", Seconds: 3}),
		make(bundle.Label{Service: "a", Commit: "z"}, Case{CommitsRanked: []string{"none"}, Verdict: "Confirmed", Seconds: 2}),
		make(bundle.Label{Abstain: true}, Case{Verdict: "Inconclusive"}),
	}, OnsetDetected)
	got := map[string]any{
		"ac1": r.AC1.K, "ac5": r.AC5.K, "n": r.AC1.N, "commit1": r.CommitAC1.K, "commit3": r.CommitAC3.K, "none recall": r.NoneRecall.Value(), "none precision": r.NonePrecision.Value(),
		"decoys": r.DecoysBlamed, "abstained": r.Abstained.K, "confirmed": r.Verdicts["Confirmed"], "seconds": r.SecondsMedian, "avg5": round(r.Avg5.Value), "constant": *r.Probes["constant"].AC1,
	}
	want := map[string]any{
		"ac1": 1, "ac5": 2, "n": 3, "commit1": 1, "commit3": 2, "none recall": 1., "none precision": .5,
		"decoys": 1, "abstained": 1, "confirmed": VerdictCount{N: 2, Right: 1, Low: .0945, High: .9055}, "seconds": 1.5, "avg5": .4667, "constant": 1.,
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}
