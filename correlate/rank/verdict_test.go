package rank

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/wherefore-dev/wherefore/correlate/casetest"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/gathered"
	"github.com/wherefore-dev/wherefore/correlate/report"
)

func TestVerdict(t *testing.T) {
	spans := func(p int) report.Term { return casetest.OfKind("error/innermost", p, evidence.RefSpan) }
	lines := func(p int) report.Term { return casetest.OfKind("error/novel-template", p, evidence.RefLog) }
	series := func(p int) report.Term { return casetest.OfKind("error/metric", p, evidence.RefSeries) }
	for _, c := range []struct {
		name     string
		causes   []report.Cause
		coverage []evidence.Coverage
		want     report.VerdictWord
	}{
		{"no candidate", nil, nil, report.Inconclusive},
		{"too little speaks for anything", []report.Cause{casetest.CauseWith("a", spans(100))}, nil, report.Inconclusive},
		{"two are level", []report.Cause{casetest.CauseWith("a", spans(800), lines(700)), casetest.CauseWith("b", spans(1480))}, nil, report.Inconclusive},
		{"one kind of evidence, close second", []report.Cause{casetest.CauseWith("a", spans(600)), casetest.CauseWith("b", spans(480))}, nil, report.LeadOnly},
		{"one finding decides", []report.Cause{casetest.CauseWith("a", spans(900), lines(100)), casetest.CauseWith("b", spans(600))}, nil, report.Likely},
		{"several kinds, none decides", []report.Cause{casetest.CauseWith("a", spans(700), lines(600), series(500)), casetest.CauseWith("b", spans(300))}, nil, report.Confirmed},
		{"two findings of one kind with twice the points", []report.Cause{casetest.CauseWith("a", spans(700), spans(200)), casetest.CauseWith("b", spans(400))}, nil, report.Confirmed},
		{"one finding with twice the points", []report.Cause{casetest.CauseWith("a", spans(900)), casetest.CauseWith("b", spans(400))}, nil, report.Likely},
		{"circumstances only", []report.Cause{casetest.CauseWith("a", casetest.OfKind("change/before-onset", 300, evidence.RefChange), casetest.OfKind("topology/correlation", 300, evidence.RefSeries))}, nil, report.Inconclusive},
		{"the alert's own measure only", []report.Cause{casetest.CauseWith("a", casetest.OfKind("alert/symptom", 360, evidence.RefSeries), casetest.OfKind("alert/named", 60, ""))}, nil, report.Inconclusive},
		{"a source was down", []report.Cause{casetest.CauseWith("a", spans(700), lines(600), series(500))},
			[]evidence.Coverage{{Source: "metrics", Status: evidence.CoverageFailed}}, report.Likely},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := Verdict(&gathered.Evidence{Coverage: c.coverage, Traces: []gathered.Trace{{}}}, c.causes, "")
			if got.Word != c.want {
				t.Errorf("got %s because %q, want %s", got.Word, got.Because, c.want)
			}
			if len(got.Because) == 0 {
				t.Error("the verdict gives no reason")
			}
		})
	}
}

func TestNoCodeCauseNeedsAKnownTrigger(t *testing.T) {
	for trigger, want := range map[report.Trigger]bool{report.TriggerNone: false, report.TriggerCode: false, report.TriggerInfra: true, report.TriggerFlag: true} {
		cause := casetest.CauseWith("a", casetest.OfKind("error/innermost", 900, evidence.RefSpan))
		cause.Trigger = trigger
		if got := Verdict(&gathered.Evidence{}, []report.Cause{cause}, "").NoCodeCause; got != want {
			t.Errorf("trigger %s: got %v, want %v", trigger, got, want)
		}
	}
}

func TestSensitivityNamesTheSourceThatDecides(t *testing.T) {
	causes := []report.Cause{
		casetest.CauseWith("a", casetest.OfKind("x", 900, evidence.RefLog), casetest.OfKind("y", 100, evidence.RefSpan)),
		casetest.CauseWith("b", casetest.OfKind("y", 600, evidence.RefSpan)),
	}
	var got []string
	for _, f := range sensitivity(&gathered.Evidence{}, causes, "") {
		got = append(got, f.source)
	}
	if diff := cmp.Diff([]string{"logs", ""}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestSourcesAreCountedOnceEach(t *testing.T) {
	answered, asked := sourcesAnswered([]evidence.Coverage{
		{Source: "traces", Status: evidence.CoverageAnswered}, {Source: "traces", Status: evidence.CoverageFailed},
		{Source: "logs", Status: evidence.CoverageFailed}, {Source: "graph", Status: evidence.CoverageNotConfigured},
		{Source: "metrics", Status: evidence.CoverageEmpty},
	})
	if answered != 2 || asked != 3 {
		t.Errorf("got %d of %d, want 2 of 3", answered, asked)
	}
}
