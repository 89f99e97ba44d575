package server

import (
	"testing"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/report"
)

func TestSamplesAreRecordedAsFarBackAsExpressionsLook(t *testing.T) {
	end := time.Date(2026, 3, 1, 3, 0, 0, 0, time.UTC)
	all := evidence.Window{Start: end.Add(-45 * time.Minute), End: end}
	instant := evidence.Window{Start: end, End: end}
	yesterday := evidence.Window{Start: all.Start.AddDate(0, 0, -1), End: end.AddDate(0, 0, -1)}
	longer := evidence.Window{Start: end.Add(-2 * time.Hour), End: end}
	for name, c := range map[string]struct {
		query  string
		window evidence.Window
		want   time.Duration
	}{
		"plain":           {`up{job="a"}`, all, 5 * time.Minute},
		"short rate":      {`rate(x[1m])`, all, 5 * time.Minute},
		"long rate":       {`rate(x[1m]) / rate(y[1h])`, all, time.Hour},
		"subquery":        {`max_over_time(rate(x[5m])[30m:1m])`, all, 30 * time.Minute},
		"at the end only": {`max_over_time(x[45m])`, instant, 5 * time.Minute},
		"a longer window": {`last_over_time(x[10m])`, longer, 85 * time.Minute},
		"an earlier day":  {`rate(x[1h])`, yesterday, 5 * time.Minute},
		"too long":        {`rate(x[3d])`, all, 2 * time.Hour},
		"not a duration":  {`x{a="[5 things]"}`, all, 5 * time.Minute},
		"no question":     {``, all, 5 * time.Minute},
	} {
		r := report.Report{Coverage: []evidence.Coverage{{Source: "metrics", Calls: []evidence.Call{{Query: c.query, Window: c.window}}}}}
		if got := lookedBack(r, all); got != c.want {
			t.Errorf("%s: got %s, want %s", name, got, c.want)
		}
	}
}

func TestASourceThatFellSilentIsNamed(t *testing.T) {
	answered, failed := evidence.CoverageAnswered, evidence.CoverageFailed
	for _, c := range []struct {
		report, recording evidence.CoverageStatus
		want              string
	}{{answered, answered, ""}, {answered, failed, "logs"}, {failed, failed, ""}, {failed, answered, ""}, {evidence.CoverageTruncated, failed, "logs"}} {
		of := func(s evidence.CoverageStatus) []evidence.Coverage {
			return []evidence.Coverage{{Source: "traces", Status: answered}, {Source: "logs", Status: s}}
		}
		if got := silent(of(c.report), of(c.recording)); got != c.want {
			t.Errorf("logs %s, then %s: got %q, want %q", c.report, c.recording, got, c.want)
		}
	}
}
