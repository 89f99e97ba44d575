package maturity

import "fmt"

// mostly is the share of a sample above which something is taken to be there.
const mostly = .95

var logsTraced = Check{ID: "logs-traced", Name: "Log lines carry trace IDs", Level: 4, judge: judgeTraceIDs}

func judgeTraceIDs(in *Input) Outcome {
	return sampled(in, "logs", "log lines", "carry a trace ID", func(t *Telemetry) (int, int) { return t.Traced, t.Lines })
}

// sampled judges the share of a sample that has something.
func sampled(in *Input, source, what, has string, of func(*Telemetry) (part, whole int)) Outcome {
	t := in.Facts.Telemetry
	if t == nil {
		return missing("nobody looked at the telemetry of " + in.Service)
	}
	if why := t.Unasked[source]; why != "" {
		return missing(why)
	}
	part, whole := of(t)
	if whole <= 0 {
		return missing(fmt.Sprintf("%s sent no %s within %s", in.Service, what, t.Window))
	}
	o := Outcome{Message: fmt.Sprintf("%d of %d %s %s", part, whole, what, has)}
	switch share := float64(part) / float64(whole); {
	case share >= mostly:
		o.Status = Pass
	case share >= .5:
		o.Status = Warn
	default:
		o.Status = Fail
	}
	return o
}
