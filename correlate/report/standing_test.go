package report

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

// TestALaterLookWithFewerAnswersIsPoorer: of one incident's reports, by what each had
// of its sources.
func TestALaterLookWithFewerAnswersIsPoorer(t *testing.T) {
	at := time.Date(2026, 3, 1, 2, 0, 0, 0, time.UTC)
	of := func(failedTraceRows int, states ...SourceState) *Report {
		r := &Report{Window: evidence.Window{Start: at, End: at.Add(5 * time.Minute)}}
		for i, s := range states {
			r.Sources = append(r.Sources, Standing{Source: []string{"traces", "logs", "metrics"}[i], State: s})
		}
		for range failedTraceRows {
			r.Coverage = append(r.Coverage, evidence.Coverage{Source: "traces", Status: evidence.CoverageFailed})
		}
		return r
	}
	whole := of(0, SourceSpeaks, SourceSpeaks, SourceSpeaks)
	later := of(9, SourceFailed, SourceSpeaks, SourceSpeaks)
	later.Window = evidence.Window{Start: at.Add(time.Hour), End: at.Add(2 * time.Hour)}
	back := of(9, SourceFailed, SourceSpeaks, SourceSpeaks)
	back.Recovery = &Recovery{Verdict: RecoveryOpen}
	for name, c := range map[string]struct {
		before, now *Report
		want        []string
	}{
		"as much":                               {whole, whole, nil},
		"traces could not be asked":             {whole, of(9, SourceFailed, SourceSpeaks, SourceSpeaks), []string{"traces"}},
		"some questions about traces failed":    {whole, of(1, SourcePartly, SourceSpeaks, SourceSpeaks), []string{"traces"}},
		"two sources":                           {whole, of(1, SourcePartly, SourceSilent, SourceSpeaks), []string{"traces", "logs"}},
		"more of one, less of another":          {of(0, SourceSpeaks, SourceFailed, SourceSpeaks), of(9, SourceFailed, SourceSpeaks, SourceSpeaks), nil},
		"more of them failed":                   {of(1, SourcePartly, SourceSpeaks, SourceSpeaks), of(3, SourcePartly, SourceSpeaks, SourceSpeaks), []string{"traces"}},
		"fewer of them failed":                  {of(3, SourcePartly, SourceSpeaks, SourceSpeaks), of(1, SourcePartly, SourceSpeaks, SourceSpeaks), nil},
		"more than before":                      {of(9, SourceFailed, SourceSpeaks, SourceSpeaks), whole, nil},
		"the configuration has no traces now":   {whole, of(0, SourceNotConfigured, SourceSpeaks, SourceSpeaks), nil},
		"by an engine that did not say":         {&Report{}, of(9, SourceFailed, SourceSpeaks, SourceSpeaks), nil},
		"of another time":                       {whole, later, nil},
		"what came of a rollback is told first": {whole, back, nil},
		"and is known": {back, func() *Report {
			r := *back
			r.Sources = of(0, SourceFailed, SourceFailed, SourceSpeaks).Sources
			return &r
		}(), []string{"logs"}},
	} {
		if d := cmp.Diff(c.want, FewerAnswers(c.before, c.now)); d != "" {
			t.Errorf("%s (-want +got):\n%s", name, d)
		}
	}
}

// TestAReportOfTheWholeEvidenceSaysMore: of what was kept of an incident, by what its
// report had and what one of the kept evidence has.
func TestAReportOfTheWholeEvidenceSaysMore(t *testing.T) {
	at := time.Date(2026, 3, 1, 2, 0, 0, 0, time.UTC)
	minute := evidence.Window{Start: at, End: at.Add(time.Minute)}
	of := func(word VerdictWord, states SourceState, rows ...evidence.Coverage) *Report {
		r := &Report{Sources: []Standing{{Source: "traces", State: states}}, Coverage: rows}
		r.Verdict.Word = word
		return r
	}
	row := func(source string, s evidence.CoverageStatus, missing ...evidence.Window) evidence.Coverage {
		return evidence.Coverage{Source: source, Key: "a", Status: s, Missing: missing}
	}
	answered, failed, empty := evidence.CoverageAnswered, evidence.CoverageFailed, evidence.CoverageEmpty
	for name, c := range map[string]struct {
		before, now *Report
		want        bool
	}{
		"the same":                                 {of(Likely, SourceSpeaks, row("logs", answered)), of(Likely, SourceSpeaks, row("logs", answered)), false},
		"a source that could not be asked":         {of(Likely, SourceFailed), of(Likely, SourceSpeaks), true},
		"a question that failed":                   {of(Likely, SourceSpeaks, row("logs", failed)), of(Likely, SourceSpeaks, row("logs", answered)), true},
		"one that failed, and there is nothing":    {of(Likely, SourceSpeaks, row("logs", failed)), of(Likely, SourceSpeaks, row("logs", empty)), true},
		"minutes without an answer":                {of(Likely, SourceSpeaks, row("logs", answered, minute)), of(Likely, SourceSpeaks, row("logs", answered)), true},
		"what came late and says the same":         {of(Likely, SourceSpeaks, row("logs", empty)), of(Likely, SourceSpeaks, row("logs", answered)), false},
		"what came late and says something else":   {of(LeadOnly, SourceSpeaks, row("logs", answered)), of(Likely, SourceSpeaks, row("logs", answered)), true},
		"a question that was not asked then":       {of(Likely, SourceSpeaks), of(Likely, SourceSpeaks, row("logs", answered)), false},
		"another answer, and the code is not kept": {of(Likely, SourceSpeaks, row("code", answered)), of(LeadOnly, SourceSpeaks, row("code", empty)), false},
		"more of one and less of another":          {of(Likely, SourceSpeaks, row("logs", failed), row("metrics", answered)), of(Likely, SourceSpeaks, row("logs", answered), row("metrics", failed)), false},
		"less of a source":                         {of(Likely, SourceSpeaks, row("logs", failed)), of(Likely, SourcePartly, row("logs", answered)), false},
	} {
		if got := Completes(c.before, c.now); got != c.want {
			t.Errorf("%s: got %v, want %v", name, got, c.want)
		}
	}
}
