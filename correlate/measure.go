package correlate

import (
	"slices"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

// measured turns the answers of one query, one per window, into series of
// entities: same labels are one series, counters read raw become rates.
func (v *investigation) measured(q metricQuery, answers [][]evidence.Series) []measuredSeries {
	type found struct {
		measuredSeries
		windows [][]evidence.Sample
	}
	byID := map[string]*found{}
	var order []*found
	for _, list := range answers {
		for _, s := range list {
			name := s.Name
			if q.name != "" {
				name = q.name
			}
			entity := v.entityOf(name, s.Labels)
			if entity == "" || len(s.Samples) == 0 || q.name == "" && !isRead(name, s.Labels) {
				continue
			}
			id := name + labelsText(s.Labels)
			f := byID[id]
			if f == nil {
				f = &found{measuredSeries: measuredSeries{entity: entity, name: name, labels: s.Labels, kind: q.kind, stat: q.stat, expr: q.expr, alert: q.alerting[name]}}
				if q.kinds != nil {
					f.kind = q.kinds[name]
				}
				byID[id] = f
				order = append(order, f)
			}
			f.windows = append(f.windows, s.Samples)
		}
	}
	out := make([]measuredSeries, 0, len(order))
	for _, f := range order {
		if q.kinds != nil && f.kind == evidence.MetricCounter {
			f.kind, f.stat, f.windows = readCounter(f.windows)
		}
		f.samples = joinSamples(f.windows)
		if len(f.samples) > 0 {
			out = append(out, f.measuredSeries)
		}
	}
	return out
}

// readCounter turns a counter's samples into rates, window by window, or calls
// it a gauge when it behaves like one.
func readCounter(windows [][]evidence.Sample) (evidence.MetricKind, string, [][]evidence.Sample) {
	rates := make([][]evidence.Sample, len(windows))
	for i, w := range windows {
		var ok bool
		if rates[i], ok = counterRates(w); !ok {
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
func counterRates(samples []evidence.Sample) (rates []evidence.Sample, ok bool) {
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
			if falls++; cur.Value > prev.Value/2 && (falls > 1 || prev.Value > highest/4) {
				return nil, false
			}
			grown = cur.Value
		}
		rates = append(rates, evidence.Sample{Time: cur.Time, Value: grown / seconds})
	}
	const restarts = 2 // more in one window is not a counter's behaviour
	return rates, falls <= restarts
}

// joinSamples puts the samples of several windows in order of time, each
// instant once.
func joinSamples(windows [][]evidence.Sample) []evidence.Sample {
	all := slices.Concat(windows...)
	slices.SortStableFunc(all, func(a, b evidence.Sample) int { return a.Time.Compare(b.Time) })
	return slices.CompactFunc(all, func(a, b evidence.Sample) bool { return a.Time.Equal(b.Time) })
}
