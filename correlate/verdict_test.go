package correlate

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

func causeWith(entity string, terms ...Term) Cause {
	c := Cause{Entity: evidence.Entity{Name: entity}, Mechanism: MechanismError, Trigger: TriggerNone}
	for _, t := range terms {
		c.add(t)
	}
	return c
}

func ofKind(id string, points int, kind evidence.RefKind) Term {
	return Term{ID: id, Points: points, Why: id, Refs: []evidence.Ref{{Kind: kind}}}
}

func TestVerdict(t *testing.T) {
	spans := func(p int) Term { return ofKind("error/innermost", p, evidence.RefSpan) }
	lines := func(p int) Term { return ofKind("error/novel-template", p, evidence.RefLog) }
	series := func(p int) Term { return ofKind("error/metric", p, evidence.RefSeries) }
	for _, c := range []struct {
		name     string
		causes   []Cause
		coverage []evidence.Coverage
		want     VerdictWord
	}{
		{"no candidate", nil, nil, Inconclusive},
		{"too little speaks for anything", []Cause{causeWith("a", spans(100))}, nil, Inconclusive},
		{"two are level", []Cause{causeWith("a", spans(800), lines(700)), causeWith("b", spans(1480))}, nil, Inconclusive},
		{"one kind of evidence, close second", []Cause{causeWith("a", spans(600)), causeWith("b", spans(480))}, nil, LeadOnly},
		{"one finding decides", []Cause{causeWith("a", spans(900), lines(100)), causeWith("b", spans(600))}, nil, Likely},
		{"several kinds, none decides", []Cause{causeWith("a", spans(700), lines(600), series(500)), causeWith("b", spans(300))}, nil, Confirmed},
		{"two findings of one kind with twice the points", []Cause{causeWith("a", spans(700), spans(200)), causeWith("b", spans(400))}, nil, Confirmed},
		{"one finding with twice the points", []Cause{causeWith("a", spans(900)), causeWith("b", spans(400))}, nil, Likely},
		{"circumstances only", []Cause{causeWith("a", ofKind("change/before-onset", 300, evidence.RefChange), ofKind("topology/correlation", 300, evidence.RefSeries))}, nil, Inconclusive},
		{"the alert's own measure only", []Cause{causeWith("a", ofKind("alert/symptom", 360, evidence.RefSeries), ofKind("alert/named", 60, ""))}, nil, Inconclusive},
		{"a source was down", []Cause{causeWith("a", spans(700), lines(600), series(500))},
			[]evidence.Coverage{{Source: "metrics", Status: evidence.CoverageFailed}}, Likely},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := verdict(&Case{Coverage: c.coverage, Traces: []CaseTrace{{}}}, c.causes, "")
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
	for trigger, want := range map[Trigger]bool{TriggerNone: false, TriggerCode: false, TriggerInfra: true, TriggerFlag: true} {
		cause := causeWith("a", ofKind("error/innermost", 900, evidence.RefSpan))
		cause.Trigger = trigger
		if got := verdict(&Case{}, []Cause{cause}, "").NoCodeCause; got != want {
			t.Errorf("trigger %s: got %v, want %v", trigger, got, want)
		}
	}
}

func TestSensitivityNamesTheSourceThatDecides(t *testing.T) {
	causes := []Cause{
		causeWith("a", ofKind("x", 900, evidence.RefLog), ofKind("y", 100, evidence.RefSpan)),
		causeWith("b", ofKind("y", 600, evidence.RefSpan)),
	}
	var got []string
	for _, f := range sensitivity(&Case{}, causes, "") {
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
