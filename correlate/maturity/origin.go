package maturity

import (
	"fmt"
	"slices"
	"strings"

	"github.com/wherefore-dev/wherefore/correlate/casefile"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/report"
)

// telemetry are the sources that a root cause has to rest on.
var telemetry = []string{"traces", "logs", "metrics"}

// lackingSources says of each source that told nothing what came of it. Reports
// of engines that did not say so are judged by their questions.
func lackingSources(rep *report.Report) []string {
	var out []string
	for _, source := range telemetry {
		i := slices.IndexFunc(rep.Sources, func(s report.Standing) bool { return s.Source == source })
		switch {
		case i >= 0 && rep.Sources[i].State != report.SourceSpeaks:
			out = append(out, fmt.Sprintf("%s: %s", source, rep.Sources[i].State))
		case i < 0 && !answered(rep, source):
			out = append(out, source+": no question was answered")
		}
	}
	return out
}

func answered(rep *report.Report, source string) bool {
	return slices.ContainsFunc(rep.Coverage, func(c evidence.Coverage) bool {
		return c.Source == source && (c.Status == evidence.CoverageAnswered || c.Status == evidence.CoverageTruncated)
	})
}

// mostCalls bounds the questions that a result lists of one source.
const mostCalls = 20

// calls are the questions that were put to traces, logs and metrics, in the
// report's order; those that gave something go first where there are too many.
func calls(rep *report.Report) []casefile.CheckCall {
	var out []casefile.CheckCall
	for _, source := range telemetry {
		var list []casefile.CheckCall
		for _, c := range rep.Coverage {
			if c.Source == source {
				list = append(list, casefile.CheckCall{Source: source, Query: c.Query, Status: string(c.Status), Count: c.Count})
			}
		}
		if len(list) > mostCalls {
			slices.SortStableFunc(list, func(a, b casefile.CheckCall) int { return min(b.Count, 1) - min(a.Count, 1) })
			list = list[:mostCalls]
		}
		out = append(out, list...)
	}
	return out
}

func unknownName(u report.UnknownName) string {
	text := "no source knows " + u.Name
	if len(u.Near) > 0 {
		text += "; nearest: " + strings.Join(u.Near, ", ")
	}
	return text
}

// mostPlaces bounds the lines that a result names.
const mostPlaces = 20

// suspectPlaces are the lines of code that belong to the first cause.
func suspectPlaces(rep *report.Report) []casefile.CheckPlace {
	var out []casefile.CheckPlace
	for _, c := range rep.Code {
		for _, line := range c.Suspect {
			if len(out) < mostPlaces && c.Ref.Path != "" {
				out = append(out, casefile.CheckPlace{Path: c.Ref.Path, Line: line, Message: rep.Title})
			}
		}
	}
	return out
}
