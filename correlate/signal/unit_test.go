package signal

import (
	"testing"

	"github.com/wherefore-dev/wherefore/correlate/casetest"
	"github.com/wherefore-dev/wherefore/correlate/gathered"
	"github.com/wherefore-dev/wherefore/correlate/view"
)

// TestALimitIsMetByWhatHasItsUnit: two names that begin alike are no pair where one
// counts by the second or measures something else.
func TestALimitIsMetByWhatHasItsUnit(t *testing.T) {
	for _, c := range []struct {
		use, limit string
		want       bool
	}{
		{"", "", true},
		{"By", "By", true},
		{"By", "", true},
		{"1/s", "", false},
		{"1/s", "1/s", true},
		{"By", "%", false},
		{"s", "By", false},
	} {
		e := &gathered.Evidence{Entities: casetest.Entities("shop"), Alerting: []string{"shop"}}
		use, limit := casetest.MetricOf("shop", "till_pool_taken", 2, 10, 10, 10), casetest.MetricOf("shop", "till_pool_max", 10, 10, 10, 10)
		use.Unit, limit.Unit = c.use, c.limit
		e.Metrics = append(e.Metrics, use, limit)
		v := view.New(e)
		if _, _, full := fullest(v, v.Entity("shop")); (full > 0) != c.want {
			t.Errorf("%q of %q: full at %.2f, want a pair: %v", c.use, c.limit, full, c.want)
		}
	}
}
