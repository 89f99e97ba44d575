package promise

import (
	"testing"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/casetest"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/gather"
)

// TestAPromiseThatWasBrokenBeforeIsToldApart: one that normal time does not keep
// either can be no sign that the incident is over.
func TestAPromiseThatWasBrokenBeforeIsToldApart(t *testing.T) {
	w := casetest.NewWorld()
	during := evidence.Window{Start: casetest.WorldOnset, End: casetest.WorldNow}
	normal := evidence.Window{Start: casetest.WorldOnset.Add(-10 * time.Minute), End: casetest.WorldOnset}
	p := Lookup{Asker: gather.Options{}.WithDefaults().Asker(), Metrics: w.Sources().Metrics, Step: 30e9, Queries: map[string]map[string]string{
		"error_rate": {"": `last_over_time(http_errors_ratio{service="{entity}"})`},
	}}
	for name, c := range map[string]struct {
		cond           evidence.Condition
		normal         evidence.Window
		result, before string
	}{
		"broken by the incident":           {evidence.Condition{Name: "error_rate", Op: "<", Value: 40, Unit: "%"}, normal, promiseBroken, promiseKept},
		"broken before it":                 {evidence.Condition{Name: "error_rate", Op: "<", Value: 0.0001}, normal, promiseBroken, promiseBroken},
		"kept throughout":                  {evidence.Condition{Name: "error_rate", Op: "<", Value: 0.9}, normal, promiseKept, promiseKept},
		"nothing known of the time before": {evidence.Condition{Name: "error_rate", Op: "<", Value: 0.0001}, evidence.Window{}, promiseBroken, ""},
	} {
		got := p.lookUp(t.Context(), during, c.normal, "stock", c.cond)
		if got.Result != c.result || got.Before != c.before || (got.Usual == nil) != (c.before == "") {
			t.Errorf("%s: got %s, before %q (usually %v), want %s, before %q", name, got.Result, got.Before, got.Usual, c.result, c.before)
		}
	}
}
