package maturity

import (
	"fmt"
	"strings"
	"time"
)

// leastAttained is the share of (objective, hour) pairs that have to be met.
const leastAttained = .995

// AttainedOver is the period over which attainment is measured.
const AttainedOver = 28 * 24 * time.Hour

var sloAttained = Check{ID: "slo-attained", Name: "The objectives were met in 99.5 % of the hours of 28 days", Level: 3, judge: judgeAttained}

func judgeAttained(in *Input) Outcome {
	a := in.Facts.Attainment
	switch {
	case a == nil:
		return missing("nobody measured how often the objectives were met")
	case len(a.SLOs) == 0:
		if a.Detail != "" {
			return missing(a.Detail)
		}
		return missing("no objective of " + in.Service + " is written down, see docs/slo.md")
	}
	hours, met, most := 0, 0, 0
	kept := a.Period
	var parts, silent []string
	for _, s := range a.SLOs {
		if s.Hours == 0 {
			silent = append(silent, s.Name)
			continue
		}
		hours, met, most = hours+s.Hours, met+s.Met, most+int(a.Period/time.Hour)
		kept = min(kept, s.Kept)
		parts = append(parts, fmt.Sprintf("%s in %d of %d hours", s.Name, s.Met, s.Hours))
	}
	said := strings.Join(parts, ", ")
	switch {
	case hours == 0:
		return missing("nothing was measured of " + strings.Join(silent, ", "))
	case float64(hours-met) > (1-leastAttained)*float64(most):
		return Outcome{Status: Fail, Message: fmt.Sprintf("%.2f %% of the hours met their objective, 99.5 %% are wanted: %s", 100*float64(met)/float64(hours), said)}
	case len(silent) > 0:
		return missing("nothing was measured of " + strings.Join(silent, ", ") + "; met: " + said)
	case kept < a.Period-24*time.Hour:
		return missing(fmt.Sprintf("%d of %d days are kept; met: %s", int(kept/(24*time.Hour)), int(a.Period/(24*time.Hour)), said))
	case float64(met) < leastAttained*float64(hours):
		return Outcome{Status: Fail, Message: fmt.Sprintf("%.2f %% of the hours met their objective, 99.5 %% are wanted: %s", 100*float64(met)/float64(hours), said)}
	}
	return Outcome{Status: Pass, Message: fmt.Sprintf("%.2f %% of the hours met their objective: %s", 100*float64(met)/float64(hours), said)}
}
