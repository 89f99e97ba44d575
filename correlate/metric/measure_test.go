package metric

import (
	"math"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/weights"
)

// readings are a counter read every minute.
func readings(xs ...float64) []evidence.Sample {
	list := make([]evidence.Sample, len(xs))
	for i, x := range xs {
		list[i] = evidence.Sample{Time: time.Unix(1000, 0).Add(time.Duration(i) * time.Minute), Value: x}
	}
	return list
}

func TestCounterRates(t *testing.T) {
	for _, c := range []struct {
		name string
		xs   []float64
		want []float64
		ok   bool
	}{
		{"growth per second", []float64{0, 60, 180}, []float64{1, 2}, true},
		{"a restart begins again at nothing", []float64{600, 660, 30}, []float64{1, 0.5}, true},
		{"a young process is replaced by a busier one", []float64{1, 4, 3, 63}, []float64{0.05, 0.05, 1}, true},
		{"a level that rises and falls is no counter", []float64{5, 9, 8, 9}, nil, false},
		{"many restarts are no counter's behaviour", []float64{9, 1, 9, 1, 9, 1}, nil, false},
	} {
		rates, ok := counterRates(&weights.Default().Counter, readings(c.xs...), false)
		if ok != c.ok {
			t.Errorf("%s: got ok %v, want %v", c.name, ok, c.ok)
			continue
		}
		if !ok {
			continue
		}
		if diff := cmp.Diff(c.want, Values(rates), cmp.Comparer(func(a, b float64) bool { return math.Abs(a-b) < 1e-9 })); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
	}
}

func TestADeclaredCounterStaysOne(t *testing.T) {
	crashing := [][]evidence.Sample{readings(0, 500, 1, 70, 2, 600, 6, 300, 2)}
	for name, want := range map[string]evidence.MetricKind{"requests_total": evidence.MetricCounter, "requests": evidence.MetricGauge} {
		kind, stat, windows := ReadCounter(&weights.Default().Counter, crashing, DeclaredCounter(name))
		if kind != want || want == evidence.MetricCounter && (stat != "rate" || len(windows[0]) != len(crashing[0])-1) {
			t.Errorf("%s: got %s, %q, %v, want %s", name, kind, stat, windows, want)
		}
		for _, s := range windows[0] {
			if s.Value < 0 {
				t.Errorf("%s: got a rate of %v", name, s.Value)
			}
		}
	}
}
