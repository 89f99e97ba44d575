package metric

import (
	"slices"
	"strings"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/weights"
)

// DeclaredCounter reports whether a metric's name says that it is a counter, as
// OpenMetrics demands of every one.
func DeclaredCounter(name string) bool { return strings.HasSuffix(name, "_total") }

// ReadCounter turns a counter's samples into rates, window by window. One that is
// declared stays one however often its process restarts, and restarts are falls to
// nearly nothing; one whose values fall by a part is a gauge whatever its name.
func ReadCounter(by *weights.Counter, windows [][]evidence.Sample, declared bool) (evidence.MetricKind, string, [][]evidence.Sample) {
	rates := make([][]evidence.Sample, len(windows))
	for i, w := range windows {
		var ok bool
		if rates[i], ok = counterRates(by, w, declared); !ok {
			return evidence.MetricGauge, "", windows
		}
	}
	return evidence.MetricCounter, "rate", rates
}

// counterRates is the increase per second between neighbouring samples of a
// counter. A fall is a restart when there are few of them and they go down to
// nearly nothing, or when it is the only one and comes early in the growth: a
// process that had hardly begun may be replaced by one that begins busier. ok is
// false when the values fall like a gauge's, whatever the name says.
func counterRates(by *weights.Counter, samples []evidence.Sample, declared bool) (rates []evidence.Sample, ok bool) {
	falls, highest := 0, 0.0
	for _, s := range samples {
		highest = max(highest, s.Value)
	}
	for i := 1; i < len(samples); i++ {
		prev, cur := samples[i-1], samples[i]
		seconds := cur.Time.Sub(prev.Time).Seconds()
		if seconds <= 0 {
			continue
		}
		grown := cur.Value - prev.Value
		if grown < 0 {
			if falls++; cur.Value > by.Left*prev.Value && (falls > 1 || prev.Value > by.Early*highest) {
				return nil, false
			}
			grown = cur.Value
		}
		rates = append(rates, evidence.Sample{Time: cur.Time, Value: grown / seconds})
	}
	return rates, declared || falls <= by.Restarts
}

// JoinSamples puts the samples of several windows in order of time, each
// instant once.
func JoinSamples(windows [][]evidence.Sample) []evidence.Sample {
	all := slices.Concat(windows...)
	slices.SortStableFunc(all, func(a, b evidence.Sample) int { return a.Time.Compare(b.Time) })
	return slices.CompactFunc(all, func(a, b evidence.Sample) bool { return a.Time.Equal(b.Time) })
}

func Values(samples []evidence.Sample) []float64 {
	xs := make([]float64, len(samples))
	for i, s := range samples {
		xs[i] = s.Value
	}
	return xs
}
