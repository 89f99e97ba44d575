package maturity

import (
	"fmt"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/casefile"
	"github.com/wherefore-dev/wherefore/correlate/wording"
)

// tooLong is how many times the 99th percentile a timeout may be.
const tooLong = 20

var serverTimeouts = Check{ID: "server-timeouts", Name: "Servers give up at a time that fits their latency", Level: 4, judge: judgeTimeouts}

func judgeTimeouts(in *Input) Outcome {
	s, l := in.Facts.Source, in.Facts.Latency
	if s == nil {
		return missing("no source was looked at")
	}
	if len(s.Servers) == 0 {
		return missing("the source makes no http.Server")
	}
	var open, short, long []casefile.CheckPlace
	for _, x := range s.Servers {
		note := func(list *[]casefile.CheckPlace, format string, args ...any) {
			*list = append(*list, casefile.CheckPlace{Path: x.Path, Line: x.Line, Message: fmt.Sprintf(format, args...)})
		}
		switch {
		case x.Read == 0 && x.ReadHeader == 0:
			note(&open, "the server waits for ever for a request: set ReadTimeout or ReadHeaderTimeout")
		case l == nil || l.P99 <= 0:
		default:
			for _, t := range []struct {
				name  string
				limit time.Duration
			}{{"ReadTimeout", x.Read}, {"WriteTimeout", x.Write}} {
				switch {
				case t.limit > 0 && t.limit < l.P99:
					note(&short, "%s of %s is below the 99th percentile of %s, %s", t.name, wording.Duration(t.limit), wording.Duration(l.Period), wording.Duration(l.P99))
				case t.limit > tooLong*l.P99 && t.limit > 30*time.Second:
					note(&long, "%s of %s is more than %d times the 99th percentile of %s, %s", t.name, wording.Duration(t.limit), tooLong, wording.Duration(l.Period), wording.Duration(l.P99))
				}
			}
		}
	}
	switch {
	case len(open)+len(short) > 0:
		all := append(open, short...)
		return Outcome{Status: Fail, Message: fmt.Sprintf("%d timeouts do not fit%s", len(all), firstOf(all)), Places: all}
	case l == nil || l.P99 <= 0:
		why := "map latency_p99 under engine.conditions"
		if l != nil && l.Detail != "" {
			why = l.Detail
		}
		return missing("the 99th percentile of 28 days is not known: " + why)
	case len(long) > 0:
		return Outcome{Status: Warn, Message: fmt.Sprintf("%d timeouts are very long%s", len(long), firstOf(long)), Places: long}
	}
	return Outcome{Status: Pass, Message: fmt.Sprintf("the timeouts of %d servers fit the 99th percentile of %s, %s", len(s.Servers), wording.Duration(l.Period), wording.Duration(l.P99))}
}
