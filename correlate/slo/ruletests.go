package slo

import (
	"path/filepath"
	"strconv"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/rulefile"
)

// RuleTests are unit tests for promtool of the rules that stand in a file: at a
// tenth more than a tier's rate over both of its windows its alert fires, with
// the labels by which a service is found, and at a tenth less, or over one window
// alone, it does not.
func RuleTests(rules string, specs []Spec) ([]byte, error) {
	f := rulefile.Tests{RuleFiles: []string{filepath.Base(rules)}, Interval: "1m", Tests: []rulefile.Test{}}
	for _, s := range specs {
		for _, t := range s.reachable() {
			f.Tests = append(f.Tests,
				s.ruleTest(t, "burns too fast over both windows", 1.1, 1.1, true),
				s.ruleTest(t, "burns fast over the short window alone", 1.1, .9, false),
				s.ruleTest(t, "burned fast over the long window alone", .9, 1.1, false))
		}
	}
	return rulefile.Encode(f)
}

// ruleTest holds one tier to shares of its own threshold.
func (s *Spec) ruleTest(t Tier, name string, short, long float64, fires bool) rulefile.Test {
	series := func(w time.Duration, of float64) rulefile.Series {
		share := min(of*t.Factor*(1-s.Target), 1)
		return rulefile.Series{Series: recordedShare + text(w) + selector(s.Service, s.Name), Values: strconv.FormatFloat(share, 'g', 10, 64) + "+0x10"}
	}
	out := rulefile.Test{
		Name: s.Service + " " + s.Name + " " + text(t.Long) + ": " + name, Interval: "1m",
		Input:  []rulefile.Series{series(t.Short, short), series(t.Long, long)},
		Alerts: []rulefile.Fires{{At: "5m", Alert: AlertName}},
	}
	if fires {
		alert := s.alert(t)
		out.Alerts[0].Want = []rulefile.Fired{{Labels: alert.Labels, Annotations: alert.Annotations}}
	}
	return out
}
