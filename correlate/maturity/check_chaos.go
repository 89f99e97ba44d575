package maturity

import (
	"fmt"
	"strings"
)

var chaosSurvived = Check{ID: "chaos-survived", Name: "An announced chaos experiment was survived", Level: 3, judge: judgeChaos}

func judgeChaos(in *Input) Outcome {
	e := in.Facts.Experiments
	if e == nil || len(e.List) == 0 {
		if e != nil && e.Detail != "" {
			return missing(e.Detail)
		}
		return missing("no experiment on " + in.Service + " was announced in 28 days, see docs/levels.md")
	}
	newest := e.List[0]
	for _, x := range e.List[1:] {
		if x.Start.After(newest.Start) {
			newest = x
		}
	}
	name := fmt.Sprintf("the experiment %s of %s", newest.ID, stamp(newest.Start))
	switch {
	case newest.Start.After(in.Now):
		return missing(name + " is yet to come")
	case newest.Judged == 0:
		return missing("no objective was measured during " + name)
	case len(newest.Missed) > 0:
		return Outcome{Status: Fail, Message: name + " was not survived: " + strings.Join(newest.Missed, "; ")}
	}
	return Outcome{Status: Pass, Message: fmt.Sprintf("%s was survived: %d objectives held until %s", name, newest.Judged, stamp(newest.End))}
}
