package page

import (
	"testing"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

func TestTheCountOfAnswersSaysWhichWereEmpty(t *testing.T) {
	row := func(source string, s evidence.CoverageStatus) evidence.Coverage {
		return evidence.Coverage{Source: source, Status: s}
	}
	full := []evidence.Coverage{row("rules", evidence.CoverageAnswered), row("logs", evidence.CoverageEmpty), row("logs", evidence.CoverageTruncated), row("logs", evidence.CoverageEmpty)}
	for name, c := range map[string]struct {
		coverage      []evidence.Coverage
		head, summary string
	}{
		"each had something": {full, "2 of 2 sources had data", "4\u00a0questions: 1 answered, 2 empty (2 of logs), 1 truncated"},
		"one had nothing": {append(full[:1:1], row("graph", evidence.CoverageEmpty), row("metrics", evidence.CoverageEmpty)), "1 of 3 sources had data (empty: graph, metrics)",
			"3\u00a0questions: 1 answered, 2 empty (1 of graph, 1 of metrics)"},
		"one failed":       {append(full[:1:1], row("graph", evidence.CoverageEmpty), row("logs", evidence.CoverageFailed)), "1 of 3 sources had data (empty: graph; failed: logs)", "3\u00a0questions: 1 answered, 1 empty (1 of graph), 1 failed"},
		"nobody was asked": {nil, "", "0\u00a0questions: "},
	} {
		r := reportOf()
		r.Coverage = c.coverage
		if p := BuildIncident(IncidentInput{Report: &r}); p.Head.Sources+p.Head.Without != c.head {
			t.Errorf("%s: the head says %q, want %q", name, p.Head.Sources+p.Head.Without, c.head)
		}
		if got, _ := coverageSummary(c.coverage); got != c.summary {
			t.Errorf("%s: got %q, want %q", name, got, c.summary)
		}
	}
}
