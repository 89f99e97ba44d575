package maturity

import (
	"fmt"
	"strings"
)

var statusLabelled = Check{ID: "status-labelled", Name: "Metrics of requests say how they ended", Level: 4, judge: judgeStatus}

func judgeStatus(in *Input) Outcome {
	t := in.Facts.Telemetry
	if t == nil {
		return missing("nobody looked at the telemetry of " + in.Service)
	}
	if why := t.Unasked["metrics"]; why != "" {
		return missing(why)
	}
	switch {
	case len(t.Requests) == 0:
		return missing(in.Service + " has no metric that counts or times requests")
	case len(t.Statusless) > 0:
		status := Fail
		if len(t.Statusless) < len(t.Requests) {
			status = Warn // how requests end is to be had elsewhere
		}
		return Outcome{Status: status, Message: fmt.Sprintf("%d of %d metrics of requests have no label for the status, so that failures look like the rest: %s", len(t.Statusless), len(t.Requests), strings.Join(t.Statusless, ", "))}
	}
	return Outcome{Status: Pass, Message: "with a status: " + strings.Join(t.Requests, ", ")}
}
