package view

import (
	"cmp"
	"math"
	"slices"
	"sort"
	"strings"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/gathered"
	"github.com/wherefore-dev/wherefore/correlate/metric"
	"github.com/wherefore-dev/wherefore/correlate/stat"
	"github.com/wherefore-dev/wherefore/correlate/weights"
)

// findTarget is the alerting series that moved most, nil when none is known.
func (v *View) findTarget() *Metric {
	var best *Metric
	for i := range v.Metrics {
		if f := &v.Metrics[i]; f.Series.Alerting && f.Usable && (best == nil || f.HarmfulDeviation() > best.HarmfulDeviation()) {
			best = f
		}
	}
	return best
}

// Metric is one series measured against its own baseline.
type Metric struct {
	Series *gathered.Series
	Entity int
	Class  metric.Class
	Node   bool // measures the machine, which neighbours share
	Client bool // measures calls to others, seen from the caller

	Median float64
	scale  float64
	Peak   float64 // level during the incident on the side of z
	// Z is the deviation in robust scales, signed, with the larger side first;
	// up and down are both sides, never negative.
	Z, Up, down float64
	// at is when the series left its baseline by half of its deviation.
	at     time.Time
	Usable bool // both sides have samples
	// Discounts say what of it is not new, or not its entity's own.
	Discounts []discount
	// Season says what the level before stands for where it is not that of the
	// look-back.
	Season string

	by *weights.Set
}

// Excess is how far the series moved, in its own unit, signed.
func (f Metric) Excess() float64 { return f.Peak - f.Median }

// bad is the deviation in the direction that hurts, never negative.
func (f Metric) bad() float64 {
	switch f.Class {
	case metric.ClassSuccess, metric.ClassExpiry:
		return f.down
	case metric.ClassTraffic, metric.ClassNetwork, metric.ClassOther:
		return math.Abs(f.Z)
	case metric.ClassLimit:
		return 0
	}
	return f.Up
}

// measureMetrics turns every series into a fact, sorted by entity, name and
// labels.
func (v *View) measureMetrics() {
	v.ByEnt = make([][]int, len(v.Names))
	for i := range v.Evidence.Metrics {
		m := &v.Evidence.Metrics[i]
		e := v.Entity(m.Entity)
		if e < 0 {
			continue
		}
		v.Metrics = append(v.Metrics, Measure(m, e, v.By))
	}
	slices.SortStableFunc(v.Metrics, func(a, b Metric) int {
		return cmp.Or(cmp.Compare(a.Entity, b.Entity), cmp.Compare(a.Series.Name, b.Series.Name), cmp.Compare(LabelKey(a.Series.Labels), LabelKey(b.Series.Labels)))
	})
	for i, f := range v.Metrics {
		v.ByEnt[f.Entity] = append(v.ByEnt[f.Entity], i)
	}
}

// Measure compares a series' incident with its baseline.
//
// The level of the incident is the mean of the third of its values that lies
// farthest out (BARO takes the one farthest value, which a single blip
// satisfies). The spread is the larger of IQR/1.35 and the 15-85 range/2.07,
// equal for normal noise: a series that spikes in quiet times is no news when
// it spikes again, and an earlier incident may fill a seventh of the look-back. The floor is a share of the median, and for a
// series that never moved one of its new level, so that the first error ever does
// not count infinitely. A series that mostly stands still but for a
// rare event, as errors do, has no quantile spread; its standard deviation is
// what the next rare event is held against.
func Measure(m *gathered.Series, entity int, by *weights.Set) Metric {
	f := Metric{by: by, Series: m, Entity: entity, Class: metric.Measured(m.Name, m.Stat, m.Kind), Node: metric.OfNode(m.Name), Client: metric.OfClient(m.Name)}
	if len(m.Baseline) < by.View.Measure.Baseline || len(m.Incident) == 0 {
		return f
	}
	full := ceiling(f.Class, m)
	base := Lacking(metric.Values(m.Baseline), full)
	sort.Float64s(base)
	f.Median = stat.QuantileSorted(base, 0.5)
	iqr := stat.QuantileSorted(base, 0.75) - stat.QuantileSorted(base, 0.25)
	spread := max(iqr/1.35, (stat.QuantileSorted(base, 0.85)-stat.QuantileSorted(base, 0.15))/2.07)
	inc := Lacking(metric.Values(m.Incident), full)
	sort.Float64s(inc)
	k := outermost(len(inc), by)
	low, high := stat.Mean(inc[:k]), stat.Mean(inc[len(inc)-k:])
	f.scale = max(spread, FloorOf(f.Class, by)*math.Abs(f.Median))
	if spread == 0 {
		f.scale = max(f.scale, by.View.Measure.Still*max(math.Abs(high), math.Abs(low)), stat.Deviation(base))
	}
	f.scale = max(f.scale, matters(m, by.View.Material)/by.Scale.Noise) // less is within the noise
	// Few baseline values underestimate the spread.
	f.scale *= 1 + by.View.Measure.Few/float64(len(base))
	if f.scale <= 0 {
		f.scale = 1
	}
	f.Usable = true
	days := dayLevels(m, full, k, by)
	f.expect(days, inc)
	f.Up, f.down = max(0, (high-f.Median)/f.scale), max(0, (f.Median-low)/f.scale)
	f.Z, f.Peak = f.Up, high
	if f.down > f.Up {
		f.Z, f.Peak = -f.down, low
	}
	f.compareDays(days, full)
	if full > 0 {
		f.Median, f.Peak = full-f.Median, full-f.Peak
		f.Z, f.Up, f.down = -f.Z, f.down, f.Up
	}
	f.at = departure(m.Incident, f.Median, f.Peak, by.View.Measure.Departed)
	return f
}

// FloorOf is the least spread of a class as a share of its median.
func FloorOf(c metric.Class, by *weights.Set) float64 {
	switch c {
	case metric.ClassLatency, metric.ClassTraffic, metric.ClassNetwork, metric.ClassError, metric.ClassSuccess:
		return by.View.Measure.Flow
	case metric.ClassOther:
		return by.View.Measure.Other
	}
	return by.View.Measure.Own
}

// ceiling is the value of a success rate at which nothing fails, 1 or 100; 0
// for any other series. Success is measured as what it lacks, since from 100 to
// 97 is no small change.
func ceiling(c metric.Class, m *gathered.Series) float64 {
	if c != metric.ClassSuccess {
		return 0 // most series are none, and need no look at their values
	}
	highest := 0.0
	for _, part := range [][]evidence.Sample{m.Baseline, m.Incident} {
		for _, s := range part {
			highest = max(highest, s.Value)
		}
	}
	return metric.CeilingBelow(c, highest)
}

// Lacking turns values into what they lack of the ceiling, if there is one.
func Lacking(xs []float64, full float64) []float64 {
	if full > 0 {
		for i, x := range xs {
			xs[i] = full - x
		}
	}
	return xs
}

// outermost is how many values the level of an incident is the mean of: a part of
// them, or half of a handful, rounded up.
func outermost(n int, by *weights.Set) int {
	if n < by.View.Measure.Handful {
		return (n + 1) / 2
	}
	return (n + by.View.Measure.Outermost - 1) / by.View.Measure.Outermost
}

// departure is the first instant at which a series had gone a share of the way
// from its old level to its new one.
func departure(samples []evidence.Sample, from, to, share float64) time.Time {
	for _, s := range samples {
		if math.Abs(s.Value-from) >= share*math.Abs(to-from) && (s.Value > from) == (to > from) {
			return s.Time
		}
	}
	return time.Time{}
}

// LabelKey is a set of labels as one string, in order of name.
func LabelKey(labels map[string]string) string {
	if len(labels) == 0 {
		return ""
	}
	keys := make([]string, 0, len(labels))
	for k := range labels {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	var b strings.Builder
	for i, k := range keys {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(k + "=" + labels[k])
	}
	return b.String()
}
