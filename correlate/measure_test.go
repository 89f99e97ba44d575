package correlate

import (
	"math"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

func samplesEvery(step time.Duration, xs ...float64) []evidence.Sample {
	var list []evidence.Sample
	for i, x := range xs {
		list = append(list, evidence.Sample{Time: time.Unix(1000, 0).UTC().Add(time.Duration(i) * step), Value: x})
	}
	return list
}

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
		rates, ok := counterRates(readings(c.xs...))
		if ok != c.ok {
			t.Errorf("%s: got ok %v, want %v", c.name, ok, c.ok)
			continue
		}
		if !ok {
			continue
		}
		if diff := cmp.Diff(c.want, values(rates), cmp.Comparer(func(a, b float64) bool { return math.Abs(a-b) < 1e-9 })); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
	}
}

func TestACounterInNameOnlyStaysALevel(t *testing.T) {
	v := &investigation{options: Options{}.withDefaults(), names: newNamer(nil, []string{"cart"})}
	q := metricQuery{kinds: map[string]evidence.MetricKind{"failed_total": evidence.MetricCounter}}
	got := v.measured(q, [][]evidence.Series{
		{{Name: "failed_total", Labels: map[string]string{"service": "cart"}, Samples: samplesEvery(time.Minute, 0, 3, 2, 3)}},
		{{Name: "failed_total", Labels: map[string]string{"service": "cart"}, Samples: samplesEvery(time.Hour, 0, 1)}},
	})
	if len(got) != 1 || got[0].kind != evidence.MetricGauge || got[0].stat != "" {
		t.Fatalf("got %+v, want one gauge", got)
	}
	if n := len(got[0].samples); n != 5 {
		t.Errorf("got %d samples, want the five different instants of both windows", n)
	}
}

func TestSeriesOfNobodyAreLeftOut(t *testing.T) {
	v := &investigation{options: Options{}.withDefaults(), names: newNamer(nil, []string{"cart"})}
	got := v.measured(metricQuery{}, [][]evidence.Series{{{Name: "m", Labels: map[string]string{"service": "other"}, Samples: samplesEvery(time.Minute, 1)}}})
	if len(got) != 0 {
		t.Errorf("got %+v, want nothing", got)
	}
}

func TestPromDuration(t *testing.T) {
	for d, want := range map[time.Duration]string{90 * time.Second: "90s", 5 * time.Minute: "5m", 2 * time.Hour: "2h", 1500 * time.Millisecond: "1500ms", 0: "1ms"} {
		if got := promDuration(d); got != want {
			t.Errorf("promDuration(%v): got %q, want %q", d, got, want)
		}
	}
}
