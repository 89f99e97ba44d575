package promise

import (
	"strings"
	"testing"

	"github.com/wherefore-dev/wherefore/correlate/casetest"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/gather"
)

func TestPromisesAreLookedUpAtTheirWorst(t *testing.T) {
	w := casetest.NewWorld()
	during := evidence.Window{Start: casetest.WorldOnset, End: casetest.WorldNow}
	p := Lookup{Asker: gather.Options{}.WithDefaults().Asker(), Metrics: w.Sources().Metrics, Step: 30e9, Queries: map[string]map[string]string{
		"error_rate": {"": `last_over_time(http_errors_ratio{service="{entity}"})`},
	}}
	for _, tc := range []struct {
		cond evidence.Condition
		want string
	}{
		{evidence.Condition{Name: "error_rate", Op: "<", Value: 0.6}, promiseKept},
		{evidence.Condition{Name: "error_rate", Op: "<", Value: 40, Unit: "%"}, promiseBroken},
		{evidence.Condition{Name: "error_rate", Op: ">", Value: 0.005}, promiseKept},
		{evidence.Condition{Name: "error_rate", Op: "~", Value: 1}, promiseUnknown},
		{evidence.Condition{Name: "nobody_mapped_it", Op: "<", Value: 1}, promiseUnknown},
		{evidence.Condition{Expr: "no_such_metric", Op: "<", Value: 1}, promiseUnknown},
	} {
		got := p.lookUp(t.Context(), during, evidence.Window{}, "stock", tc.cond)
		if got.Result != tc.want {
			t.Errorf("%+v: got %s (%s), want %s", tc.cond, got.Result, got.Detail, tc.want)
		}
		if got.Result == promiseUnknown && got.Detail == "" {
			t.Errorf("%+v: unknown without a reason", tc.cond)
		}
	}
	if !strings.Contains(casetest.AsJSON(t, p.Ledger.Coverage(nil)), "nobody_mapped_it") {
		t.Error("an unmapped condition is not listed in the coverage")
	}
}
