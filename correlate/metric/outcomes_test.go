package metric_test

import (
	"testing"

	"github.com/wherefore-dev/wherefore/correlate/metric"
)

func TestLabelsTellTheOutcome(t *testing.T) {
	for _, c := range []struct {
		labels map[string]string
		want   metric.Outcome
	}{
		{nil, metric.OutcomeUnknown},
		{map[string]string{"milestone": "ad_served", "good": "true"}, metric.OutcomeGood},
		{map[string]string{"good": "false"}, metric.OutcomeBad},
		{map[string]string{"error": "false"}, metric.OutcomeGood},
		{map[string]string{"ok": "true", "failed": "true"}, metric.OutcomeUnknown},
		{map[string]string{"status": "503"}, metric.OutcomeBad},
		{map[string]string{"code": "204"}, metric.OutcomeGood},
		{map[string]string{"code": "404"}, metric.OutcomeUnknown},
		{map[string]string{"result": "Success"}, metric.OutcomeGood},
		{map[string]string{"outcome": "timeout"}, metric.OutcomeBad},
	} {
		if got := metric.OutcomeOf(c.labels); got != c.want {
			t.Errorf("%v: got %d, want %d", c.labels, got, c.want)
		}
	}
}
