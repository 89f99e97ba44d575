package gather

import (
	"strings"
	"testing"

	"github.com/wherefore-dev/wherefore/correlate/slo"
)

// TestServicesWithoutAnAlertOnTheirObjectiveAreMeasured is about what was written
// down for the alerting service, and only where no alert watches an objective.
func TestServicesWithoutAnAlertOnTheirObjectiveAreMeasured(t *testing.T) {
	spec := func(name, service string) slo.Spec {
		return slo.Spec{Name: name, Service: service, Target: .999, Period: slo.DefaultPeriod, Bad: "sum(rate(e[5m]))", All: "sum(rate(a[5m]))"}
	}
	v := &Investigation{options: Options{SLOs: []slo.Spec{spec("up", "shop"), spec("up", "cart"), spec("fast", "shop"), spec("fresh", "shop")}}}
	v.symptom.services = []string{"shop"}
	v.writtenObjectives(&v.symptom)
	if len(v.symptom.objectives) != maxWritten || v.symptom.objectives[0].Name != "up" || v.symptom.objectives[0].Service != "shop" || v.symptom.objectives[1].Name != "fast" {
		t.Errorf("got %+v, want the first two of shop", v.symptom.objectives)
	}
	exprs := v.symptom.budgetExprs()
	if len(exprs) != 8 || !strings.Contains(strings.Join(exprs, "\n"), "(sum(rate(e[6h])) or vector(0)) / (sum(rate(a[6h])) > 0)") {
		t.Errorf("got %q, want shares and totals of four windows", exprs)
	}
	v.symptom.objectives = []slo.Objective{{Name: "watched"}}
	if v.writtenObjectives(&v.symptom); len(v.symptom.objectives) != 1 {
		t.Errorf("got %+v beside an objective that an alert watches", v.symptom.objectives)
	}
}
