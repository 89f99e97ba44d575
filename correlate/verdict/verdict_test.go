package verdict

import (
	"strings"
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
	plain := func(p int) report.Term { l := lines(p); l.Plain = true; return l }
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
		{"two findings of one kind with twice the points", []report.Cause{casetest.CauseWith("a", spans(700), spans(200)), casetest.CauseWith("b", spans(400))}, nil, report.Likely},
		{"two kinds with twice the points", []report.Cause{casetest.CauseWith("a", spans(700), lines(200)), casetest.CauseWith("b", spans(400))}, nil, report.Confirmed},
		{"one finding and where it stands", []report.Cause{casetest.CauseWith("a", spans(800), casetest.OfKind("alert/symptom", 200, evidence.RefSeries)), casetest.CauseWith("b", spans(300))}, nil, report.Likely},
		{"one finding with twice the points", []report.Cause{casetest.CauseWith("a", spans(900)), casetest.CauseWith("b", spans(400))}, nil, report.Likely},
		{"lines that tell of no failure only", []report.Cause{casetest.CauseWith("a", plain(400))}, nil, report.Inconclusive},
		{"lines that tell of no failure beside spans", []report.Cause{casetest.CauseWith("a", spans(700), plain(200)), casetest.CauseWith("b", spans(400))}, nil, report.Likely},
		{"circumstances only", []report.Cause{casetest.CauseWith("a", casetest.OfKind("change/before-onset", 300, evidence.RefChange), casetest.OfKind("topology/correlation", 300, evidence.RefSeries))}, nil, report.Inconclusive},
		{"the alert's own measure only", []report.Cause{casetest.CauseWith("a", casetest.OfKind("alert/symptom", 360, evidence.RefSeries), casetest.OfKind("alert/named", 60, ""))}, nil, report.Inconclusive},
		{"a source was down", []report.Cause{casetest.CauseWith("a", spans(700), lines(600), series(500))},
			[]evidence.Coverage{{Source: "changes", Status: evidence.CoverageFailed}}, report.Likely},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := Settle(&gathered.Evidence{Coverage: c.coverage, Traces: spansOf("a")}, c.causes, "")
			if got.Word != c.want {
				t.Errorf("got %s because %q, want %s", got.Word, got.Because, c.want)
			}
			if len(got.Because) == 0 {
				t.Error("the verdict gives no reason")
			}
		})
	}
}

// spansOf is a trace of the incident with a span of one service.
func spansOf(service string) []gathered.Trace {
	return []gathered.Trace{{Trace: evidence.Trace{Spans: []evidence.Span{{Service: service}}}}}
}

func TestAWordIsNoBolderThanItsSources(t *testing.T) {
	const said = "a"
	stands := func(states ...report.SourceState) []report.Standing {
		list := []report.Standing{{Source: "traces", State: report.SourceSpeaks}, {Source: "logs", State: report.SourceSpeaks}, {Source: "metrics", State: report.SourceSpeaks}}
		for i, s := range states {
			list[i].State = s
		}
		return list
	}
	both := []gathered.Line{{LogLine: evidence.LogLine{Service: said}, Baseline: true}, {LogLine: evidence.LogLine{Service: said}}}
	for _, c := range []struct {
		name string
		with gathered.Evidence
		want report.VerdictWord
		say  string
	}{
		{"all speak", gathered.Evidence{Sources: stands()}, report.Confirmed, ""},
		{"one is silent", gathered.Evidence{Sources: stands(report.SourceSpeaks, report.SourceSilent)}, report.Likely, "logs told nothing"},
		{"one failed", gathered.Evidence{Sources: stands(report.SourceFailed)}, report.Likely, "traces could not be asked"},
		{"some questions of one failed", gathered.Evidence{Sources: stands(report.SourcePartly)}, report.Likely, "traces could not be asked"},
		{"one is not in the recording", gathered.Evidence{Sources: stands(report.SourceNotRecorded)}, report.Likely, "traces are not in the recording"},
		{"two are silent", gathered.Evidence{Sources: stands(report.SourceSilent, report.SourceSilent)}, report.LeadOnly, "traces told nothing, logs told nothing"},
		{"one is silent, one failed", gathered.Evidence{Sources: stands(report.SourceSilent, report.SourceFailed)}, report.LeadOnly, "logs could not be asked"},
		{"one is silent, one not configured", gathered.Evidence{Sources: stands(report.SourceSilent, report.SourceNotConfigured)}, report.LeadOnly, "logs: not configured"},
		{"one is not configured, and the rest measured the cause", gathered.Evidence{Sources: stands(report.SourceNotConfigured), Logs: both}, report.Likely, "traces: not configured"},
		{"one is not configured, and nothing is known of normal time", gathered.Evidence{Sources: stands(report.SourceNotConfigured), Logs: both[1:]}, report.LeadOnly, "did not measure"},
		{"one is not configured, and what alerts was never measured", gathered.Evidence{Sources: stands(report.SourceNotConfigured), Logs: both, Alerting: []string{"till"}}, report.LeadOnly, "did not measure"},
		{"nobody knows the subject", gathered.Evidence{Sources: stands(), Unknown: []report.UnknownName{{Name: "ledgr", Near: []string{"ledger"}}}}, report.LeadOnly, "no source knows “ledgr” (near it: ledger)"},
		{"one of two subjects is known", gathered.Evidence{Sources: stands(), Alerting: []string{said, "ledgr"}, Unknown: []report.UnknownName{{Name: "ledgr"}}}, report.Confirmed, ""},
		{"clocks disagree, and nothing rests on them", gathered.Evidence{Sources: stands(), Flaws: []gathered.Flawed{{Flaw: report.FlawClockSkew, Source: "traces", Count: 3, Total: 9, Entities: []string{said, "till"}}}}, report.Confirmed, ""},
		{"a server by another clock", gathered.Evidence{Sources: stands(), Flaws: []gathered.Flawed{{Flaw: report.FlawSourceClock, Source: "metrics", Count: 3, Total: 3}}}, report.Likely, "metrics: the server's clock is far from ours, 3 of 3"},
		{"span IDs repeat", gathered.Evidence{Sources: stands(), Flaws: []gathered.Flawed{{Flaw: report.FlawDuplicates, Source: "traces", Count: 3, Total: 9}}}, report.Likely, "span IDs repeat, 3 of 9"},
	} {
		c.with.Traces = spansOf(said)
		cause := casetest.CauseWith(said, casetest.OfKind("error/innermost", 900, evidence.RefSpan), casetest.OfKind("resource/usage", 400, evidence.RefSeries))
		got := Settle(&c.with, []report.Cause{cause}, "")
		if got.Word != c.want || !strings.Contains(strings.Join(got.Because, "; "), c.say) {
			t.Errorf("%s: got %s because %q, want %s and %q", c.name, got.Word, got.Because, c.want, c.say)
		}
	}
}

func TestDisagreeingClocksConcernWhatTwoOfThemTell(t *testing.T) {
	skewed := func(entities ...string) []gathered.Flawed {
		return []gathered.Flawed{{Flaw: report.FlawClockSkew, Source: "traces", Count: 3, Total: 9, Entities: entities}}
	}
	cause := casetest.CauseWith("a", casetest.OfKind("latency/self-time", 900, evidence.RefSpan), casetest.OfKind("resource/usage", 400, evidence.RefSeries))
	for who, want := range map[string]report.VerdictWord{"a": report.Likely, "b": report.Confirmed} {
		got := Settle(&gathered.Evidence{Traces: spansOf("a"), Flaws: skewed(who, "till")}, []report.Cause{cause}, "")
		if got.Word != want {
			t.Errorf("the clocks of %s and till disagree: got %s because %q, want %s", who, got.Word, got.Because, want)
		}
	}
}

func TestWhatWasNotObservedMakesNoBolderWord(t *testing.T) {
	cause := func(terms ...report.Term) []report.Cause {
		return []report.Cause{casetest.CauseWith("a", terms...), casetest.CauseWith("b", casetest.OfKind("error/innermost", 600, evidence.RefSpan))}
	}
	own, change := casetest.OfKind("resource/usage", 650, evidence.RefSeries), casetest.OfKind("change/before-onset", 300, evidence.RefChange)
	unchecked := casetest.OfKind("resource/usage", 950, evidence.RefSeries)
	unchecked.Unchecked = 300
	plain := Settle(&gathered.Evidence{}, cause(own), "")
	for name, with := range map[string][]report.Cause{"a change that nothing bears out": cause(own, change), "points that nothing could check": cause(unchecked)} {
		if got := Settle(&gathered.Evidence{}, with, ""); got.Word != plain.Word || plain.Word != report.LeadOnly {
			t.Errorf("%s: got %s because %q, want %s", name, got.Word, got.Because, plain.Word)
		}
	}
}

func TestNoCodeCauseNeedsAKnownTrigger(t *testing.T) {
	for trigger, want := range map[report.Trigger]bool{report.TriggerNone: false, report.TriggerCode: false, report.TriggerInfra: true, report.TriggerFlag: true} {
		cause := casetest.CauseWith("a", casetest.OfKind("error/innermost", 900, evidence.RefSpan))
		cause.Trigger = trigger
		if got := Settle(&gathered.Evidence{}, []report.Cause{cause}, "").NoCodeCause; got != want {
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

// TestSourcesAreCountedOnceEach counts the sources of one report as its verdict does,
// and as the page does.
func TestSourcesAreCountedOnceEach(t *testing.T) {
	coverage := []evidence.Coverage{
		{Source: "traces", Status: evidence.CoverageAnswered}, {Source: "traces", Status: evidence.CoverageFailed},
		{Source: "logs", Status: evidence.CoverageFailed}, {Source: "graph", Status: evidence.CoverageNotConfigured},
		{Source: "metrics", Status: evidence.CoverageEmpty}, {Source: "changes", Status: evidence.CoverageEmpty},
	}
	standing := []report.Standing{{Source: "traces", State: report.SourcePartly}, {Source: "logs", State: report.SourceFailed}, {Source: "metrics", State: report.SourceSilent}}
	answered, asked := sourcesAnswered(&gathered.Evidence{Coverage: coverage, Sources: standing})
	if answered != 2 || asked != 4 { // that nothing changed is an answer, that there is no metric is none
		t.Errorf("got %d of %d, want 2 of 4", answered, asked)
	}
	r := report.Report{Coverage: coverage, Sources: standing}
	want := report.Answers{Told: []string{"traces"}, Empty: []string{"metrics", "changes"}, Failed: []string{"logs"}}
	if diff := cmp.Diff(want, r.Answers()); diff != "" {
		t.Errorf("as the page counts (-want +got):\n%s", diff)
	}
}

// TestOneKindIsEnoughWhereWhatItShowsStandsAlone gives a strong cause of one kind a
// clear lead, short of twice the points: what does not travel along calls, and what
// spans of both sides tell, is likely; what travels, and what tells of somebody
// else's failure, is a lead.
func TestOneKindIsEnoughWhereWhatItShowsStandsAlone(t *testing.T) {
	both := append(spansOf("a"), gathered.Trace{Baseline: true, Trace: evidence.Trace{Spans: []evidence.Span{{Service: "a"}}}})
	term := func(id string, kind evidence.RefKind) report.Term { return casetest.OfKind(id, 900, kind) }
	elsewhere := term("external/boundary", evidence.RefLog)
	elsewhere.Elsewhere = true
	for name, c := range map[string]struct {
		term   report.Term
		traces []gathered.Trace
		second int
		want   report.VerdictWord
	}{
		"its own resource":             {term("resource/usage", evidence.RefSeries), both, 500, report.Likely},
		"its own resource, hardly led": {term("resource/usage", evidence.RefSeries), both, 700, report.LeadOnly},
		"its own time, by spans":       {term("latency/self-time", evidence.RefSpan), both, 500, report.Likely},
		"by spans of one side only":    {term("latency/self-time", evidence.RefSpan), spansOf("a"), 500, report.LeadOnly},
		"a measure that travels":       {term("latency/metric", evidence.RefSeries), both, 500, report.LeadOnly},
		"somebody else's failure":      {elsewhere, both, 500, report.LeadOnly},
	} {
		got := Settle(&gathered.Evidence{Traces: c.traces}, []report.Cause{casetest.CauseWith("a", c.term), casetest.CauseWith("b", casetest.OfKind("error/innermost", c.second, evidence.RefSpan))}, "")
		if got.Word != c.want {
			t.Errorf("%s: got %s because %q, want %s", name, got.Word, got.Because, c.want)
		}
	}
}

// TestWhatIsGoneNeedsNoMeasuredCallee: who is gone calls nobody any more, and a
// machine has no telemetry but that of those who live on it.
func TestWhatIsGoneNeedsNoMeasuredCallee(t *testing.T) {
	line := func(service string, baseline bool) gathered.Line {
		return gathered.Line{LogLine: evidence.LogLine{Service: service}, Baseline: baseline}
	}
	c := &gathered.Evidence{Alerting: []string{"front"}, Edges: casetest.EdgesOf("front>a", "a>store"),
		Logs:    []gathered.Line{line("front", true), line("front", false), line("a", true)},
		Sources: []report.Standing{{Source: "traces", State: report.SourceNotConfigured}}}
	gone := casetest.CauseWith("a", casetest.OfKind("absence/silent", 1200, evidence.RefLog), casetest.OfKind("absence/restart", 300, evidence.RefSeries))
	for name, set := range map[string]struct {
		of   func(*report.Cause)
		want report.VerdictWord
	}{
		"gone":      {func(k *report.Cause) { k.Mechanism = report.MechanismAbsence }, report.Likely},
		"not gone":  {func(k *report.Cause) { k.Mechanism = report.MechanismResource }, report.LeadOnly},
		"a machine": {func(k *report.Cause) { k.Entity = evidence.Entity{Name: "host-1", Kind: evidence.KindNode} }, report.Likely},
	} {
		k := gone
		set.of(&k)
		if got := Settle(c, []report.Cause{k}, ""); got.Word != set.want {
			t.Errorf("%s: got %s because %q, want %s", name, got.Word, got.Because, set.want)
		}
	}
}

// TestWhatTellsOfOthersCarriesNoPromise: lines about somebody else's failure order the
// causes, and a little trouble of its own beside them makes no bolder word of them.
func TestWhatTellsOfOthersCarriesNoPromise(t *testing.T) {
	for name, c := range map[string]struct {
		elsewhere bool
		unchecked int
		want      report.VerdictWord
	}{
		"failures of its own":                   {false, 0, report.Confirmed},
		"failures of somebody else":             {true, 0, report.LeadOnly},
		"failures that nothing could check":     {false, 800, report.LeadOnly},
		"some of them that nothing could check": {false, 300, report.Likely},
	} {
		failures := casetest.OfKind("error/innermost", 900, evidence.RefLog)
		failures.Elsewhere, failures.Unchecked = c.elsewhere, c.unchecked
		first := casetest.CauseWith("a", failures, casetest.OfKind("resource/usage", 150, evidence.RefSeries))
		got := Settle(&gathered.Evidence{}, []report.Cause{first, casetest.CauseWith("b", casetest.OfKind("error/innermost", 100, evidence.RefSpan))}, "")
		if got.Word != c.want {
			t.Errorf("%s: got %s because %q, want %s", name, got.Word, got.Because, c.want)
		}
	}
}
