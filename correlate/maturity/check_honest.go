package maturity

import (
	"fmt"
	"slices"

	"github.com/wherefore-dev/wherefore/correlate/report"
)

// gapHealth is the blind spot that an investigation names when health probes
// stay well through an incident.
const gapHealth = "gap/health"

var healthHonest = Check{ID: "health-honest", Name: "Health does not say ok during incidents", Level: 4, judge: judgeHonest}

func judgeHonest(in *Input) Outcome {
	d, _, drilled := in.drill()
	if drilled && d.Before == "ok" && d.Degraded < 0 {
		return Outcome{Status: Fail, Message: d.URL + " said ok all through the fault of the drill", Evidence: d.URL}
	}
	seen := 0
	for _, c := range in.Cases {
		r, ok := newestReport(c)
		if !ok || r.Verdict.Word == report.Inconclusive {
			continue
		}
		seen++
		if i := slices.IndexFunc(r.Gaps, func(f report.Finding) bool { return f.ID == gapHealth && (f.Entity == "" || f.Entity == in.Service) }); i >= 0 {
			return Outcome{Status: Fail, Message: c.Incident.ID + ": " + r.Gaps[i].Text, Evidence: "/incidents/" + c.Incident.ID}
		}
	}
	switch {
	case seen > 0:
		return Outcome{Status: Pass, Message: fmt.Sprintf("in %d incidents of 28 days no health probe stayed well", seen)}
	case drilled && d.Degraded >= 0:
		return Outcome{Status: Pass, Message: "health degraded in the drill; there was no incident in 28 days"}
	}
	return missing("there was neither an incident in 28 days nor a drill to hold health against")
}

func newestReport(c Case) (report.Report, bool) {
	if len(c.Answers) == 0 {
		return report.Report{}, false
	}
	return slices.MaxFunc(c.Answers, func(a, b Answer) int { return a.Report.Revision - b.Report.Revision }).Report, true
}
