package slo

import (
	"path/filepath"
	"strconv"
	"time"
)

type testFile struct {
	RuleFiles []string   `yaml:"rule_files"`
	Interval  string     `yaml:"evaluation_interval"`
	Tests     []ruleTest `yaml:"tests"`
}

type ruleTest struct {
	Name     string       `yaml:"name"`
	Interval string       `yaml:"interval"`
	Input    []testSeries `yaml:"input_series"`
	Alerts   []testAlert  `yaml:"alert_rule_test"`
}

type testSeries struct {
	Series string `yaml:"series"`
	Values string `yaml:"values"`
}

type testAlert struct {
	At    string       `yaml:"eval_time"`
	Alert string       `yaml:"alertname"`
	Want  []wantedText `yaml:"exp_alerts,omitempty"`
}

type wantedText struct {
	Labels      map[string]string `yaml:"exp_labels"`
	Annotations map[string]string `yaml:"exp_annotations,omitempty"`
}

// RuleTests are unit tests for promtool of the rules that stand in a file: at a
// tenth more than a tier's rate over both of its windows its alert fires, with
// the labels by which a service is found, and at a tenth less, or over one window
// alone, it does not.
func RuleTests(rules string, specs []Spec) ([]byte, error) {
	f := testFile{RuleFiles: []string{filepath.Base(rules)}, Interval: "1m", Tests: []ruleTest{}}
	for _, s := range specs {
		for _, t := range s.reachable() {
			f.Tests = append(f.Tests,
				s.ruleTest(t, "burns too fast over both windows", 1.1, 1.1, true),
				s.ruleTest(t, "burns fast over the short window alone", 1.1, .9, false),
				s.ruleTest(t, "burned fast over the long window alone", .9, 1.1, false))
		}
	}
	return encode(f)
}

// ruleTest holds one tier to shares of its own threshold.
func (s *Spec) ruleTest(t Tier, name string, short, long float64, fires bool) ruleTest {
	series := func(w time.Duration, of float64) testSeries {
		share := min(of*t.Factor*(1-s.Target), 1)
		return testSeries{recordedShare + text(w) + selector(s.Service, s.Name), strconv.FormatFloat(share, 'g', 10, 64) + "+0x10"}
	}
	out := ruleTest{
		Name: s.Service + " " + s.Name + " " + text(t.Long) + ": " + name, Interval: "1m",
		Input:  []testSeries{series(t.Short, short), series(t.Long, long)},
		Alerts: []testAlert{{At: "5m", Alert: AlertName}},
	}
	if fires {
		alert := s.alert(t)
		out.Alerts[0].Want = []wantedText{{Labels: alert.Labels, Annotations: alert.Annotations}}
	}
	return out
}
