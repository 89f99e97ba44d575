package alertmanager_test

import (
	"testing"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/sources/alertmanager"
)

func TestAlertsByDesignAreIgnored(t *testing.T) {
	type labels = map[string]string
	for name, c := range map[string]struct {
		common    labels
		instances []labels
		left      int
	}{
		"the dead man's switch":         {nil, []labels{{"alertname": "Watchdog", "severity": "none"}}, 0},
		"by a common label":             {labels{"severity": "none"}, []labels{{"alertname": "A"}, {"alertname": "B"}}, 0},
		"one of two":                    {nil, []labels{{"alertname": "InfoInhibitor"}, {"alertname": "Errors", "severity": "page"}}, 1},
		"its own label before the rest": {labels{"severity": "none"}, []labels{{"alertname": "A", "severity": "page"}}, 1},
		"any other":                     {nil, []labels{{"alertname": "WatchdogMissing", "severity": "info"}}, 1},
	} {
		a := evidence.Alert{Labels: c.common}
		for _, l := range c.instances {
			a.Instances = append(a.Instances, evidence.AlertInstance{Labels: l})
		}
		got, ok := alertmanager.WithoutIgnored(a, alertmanager.DefaultIgnore())
		if len(got.Instances) != c.left || ok != (c.left > 0) {
			t.Errorf("%s: got %d instances (%v), want %d", name, len(got.Instances), ok, c.left)
		}
		if len(a.Instances) != len(c.instances) {
			t.Errorf("%s: the alert that was handed in has changed", name)
		}
		if _, ok := alertmanager.WithoutIgnored(a, nil); !ok {
			t.Errorf("%s: left out although nothing is to be", name)
		}
	}
}
