package report_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/report"
)

func TestAnEmptyAnswerIsNoAnswerWithSomething(t *testing.T) {
	row := func(source string, s evidence.CoverageStatus) evidence.Coverage {
		return evidence.Coverage{Source: source, Status: s}
	}
	for name, c := range map[string]struct {
		coverage []evidence.Coverage
		standing []report.Standing
		want     report.Answers
	}{
		"one answer of a source is enough": {coverage: []evidence.Coverage{row("logs", evidence.CoverageEmpty), row("logs", evidence.CoverageAnswered), row("traces", evidence.CoverageTruncated), row("traces", evidence.CoverageFailed)},
			want: report.Answers{Told: []string{"logs", "traces"}}},
		"what was wrong with empty answers is no answer": {coverage: []evidence.Coverage{row("rules", evidence.CoverageEmpty), {Source: "rules", Key: evidence.TopicServerClock, Status: evidence.CoverageTruncated}},
			want: report.Answers{Empty: []string{"rules"}}},
		"all empty":                 {coverage: []evidence.Coverage{row("graph", evidence.CoverageEmpty), row("graph", evidence.CoverageNotResolved)}, want: report.Answers{Empty: []string{"graph"}}},
		"a failure is no emptiness": {coverage: []evidence.Coverage{row("logs", evidence.CoverageEmpty), row("logs", evidence.CoverageFailed)}, want: report.Answers{Failed: []string{"logs"}}},
		"what is not configured was not asked, nor was the alert": {coverage: []evidence.Coverage{row("profiles", evidence.CoverageNotConfigured), row("alert", evidence.CoverageAnswered)}},
		"answered, but about nobody who is known": {coverage: []evidence.Coverage{row("traces", evidence.CoverageAnswered)}, standing: []report.Standing{{Source: "traces", State: report.SourceSilent}},
			want: report.Answers{Empty: []string{"traces"}}},
		"lost from the recording": {coverage: []evidence.Coverage{row("logs", evidence.CoverageEmpty)}, standing: []report.Standing{{Source: "logs", State: report.SourceNotRecorded}},
			want: report.Answers{Failed: []string{"logs"}}},
	} {
		r := report.Report{Coverage: c.coverage, Sources: c.standing}
		if diff := cmp.Diff(c.want, r.Answers()); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}
