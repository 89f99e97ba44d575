package compose

import (
	"testing"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/gathered"
)

func TestTheBudgetBurnsByTheAlertsOwnRatioOverItsObjective(t *testing.T) {
	ratio := func(values ...float64) *gathered.Evidence {
		m := gathered.Series{Entity: "edge", Stat: gathered.StatExpr, Alerting: true}
		for _, v := range values {
			m.Incident = append(m.Incident, evidence.Sample{Value: v})
		}
		return &gathered.Evidence{Alerting: []string{"edge"}, Metrics: []gathered.Series{m, {Entity: "edge", Stat: "rate", Incident: []evidence.Sample{{Value: 0.9}}}}}
	}
	for _, x := range []struct {
		labels, annotations map[string]string
		c                   *gathered.Evidence
		want                float64
	}{
		{nil, map[string]string{"description": "Objective: an ad is answered within 500 ms in 99 % of cases."}, ratio(0.1, 0.25, 0.2), 25},
		{map[string]string{"objective": "0.75"}, nil, ratio(0.5), 2},
		{map[string]string{"slo_objective": "50%"}, nil, ratio(0.5), 1},
		{map[string]string{"objective": "all of it"}, map[string]string{"summary": "CPU is at 99 %"}, ratio(0.5), 0},
		{map[string]string{"objective": "100"}, nil, ratio(0.5), 0},
		{map[string]string{"objective": "0.75"}, nil, ratio(0.5, 412), 0}, // the rule measures no ratio
	} {
		got := burnRate(x.c, evidence.Alert{Labels: x.labels, Annotations: x.annotations})
		if d := got - x.want; d > 1e-9 || d < -1e-9 {
			t.Errorf("%v %v: got %v, want %v", x.labels, x.annotations, got, x.want)
		}
	}
}
