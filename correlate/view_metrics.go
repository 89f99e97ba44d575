package correlate

import (
	"cmp"
	"math"
	"slices"
	"sort"
	"strings"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/stat"
)

// metricFact is one series measured against its own baseline.
type metricFact struct {
	m      *CaseMetric
	entity int
	class  metricClass
	node   bool // measures the machine, which neighbours share
	client bool // measures calls to others, seen from the caller

	median float64
	scale  float64
	peak   float64 // level during the incident on the side of z
	// z is the deviation in robust scales, signed, with the larger side first;
	// up and down are both sides, never negative.
	z, up, down float64
	// at is when the series left its baseline by half of its deviation.
	at     time.Time
	usable bool // both sides have samples
	// discounts say what of it is not new, or not its entity's own.
	discounts []discount
	// season says what the level before stands for where it is not that of the
	// look-back.
	season string
}

// excess is how far the series moved, in its own unit, signed.
func (f metricFact) excess() float64 { return f.peak - f.median }

// bad is the deviation in the direction that hurts, never negative.
func (f metricFact) bad() float64 {
	switch f.class {
	case classSuccess, classExpiry:
		return f.down
	case classTraffic, classNetwork, classOther:
		return math.Abs(f.z)
	case classLimit:
		return 0
	}
	return f.up
}

// measureMetrics turns every series into a fact, sorted by entity, name and
// labels.
func (v *view) measureMetrics() {
	v.byEnt = make([][]int, len(v.names))
	for i := range v.c.Metrics {
		m := &v.c.Metrics[i]
		e := v.entity(m.Entity)
		if e < 0 {
			continue
		}
		v.metrics = append(v.metrics, measure(m, e))
	}
	slices.SortStableFunc(v.metrics, func(a, b metricFact) int {
		return cmp.Or(cmp.Compare(a.entity, b.entity), cmp.Compare(a.m.Name, b.m.Name), cmp.Compare(labelKey(a.m.Labels), labelKey(b.m.Labels)))
	})
	for i, f := range v.metrics {
		v.byEnt[f.entity] = append(v.byEnt[f.entity], i)
	}
}

// measure compares a series' incident with its baseline.
//
// The level of the incident is the mean of the third of its values that lies
// farthest out (BARO takes the one farthest value, which a single blip
// satisfies). The spread is the larger of IQR/1.35 and the 15-85 range/2.07,
// equal for normal noise: a series that spikes in quiet times is no news when
// it spikes again, and an earlier incident may fill a seventh of the look-back. The floor is 1 % of the median, as PRISM has it, and for a
// series that never moved a twentieth of its new level, so that the first error
// ever counts 20 and not infinitely. A series that mostly stands still but for a
// rare event, as errors do, has no quantile spread; its standard deviation is
// what the next rare event is held against.
func measure(m *CaseMetric, entity int) metricFact {
	f := metricFact{m: m, entity: entity, class: classOfSeries(m), node: ofNode(m.Name), client: ofClient(m.Name)}
	if len(m.Baseline) < minBaseline || len(m.Incident) == 0 {
		return f
	}
	full := ceiling(f.class, m)
	base := lacking(values(m.Baseline), full)
	sort.Float64s(base)
	f.median = stat.QuantileSorted(base, 0.5)
	iqr := stat.QuantileSorted(base, 0.75) - stat.QuantileSorted(base, 0.25)
	spread := max(iqr/1.35, (stat.QuantileSorted(base, 0.85)-stat.QuantileSorted(base, 0.15))/2.07)
	inc := lacking(values(m.Incident), full)
	sort.Float64s(inc)
	k := outermost(len(inc))
	low, high := mean(inc[:k]), mean(inc[len(inc)-k:])
	f.scale = max(spread, floorOf(f.class)*math.Abs(f.median))
	if spread == 0 {
		f.scale = max(f.scale, 0.05*max(math.Abs(high), math.Abs(low)), stat.Deviation(base))
	}
	// Few baseline values underestimate the spread.
	f.scale *= 1 + 2/float64(len(base))
	if f.scale <= 0 {
		f.scale = 1
	}
	f.usable = true
	days := dayLevels(m, full, k)
	f.expect(days, inc)
	f.up, f.down = max(0, (high-f.median)/f.scale), max(0, (f.median-low)/f.scale)
	f.z, f.peak = f.up, high
	if f.down > f.up {
		f.z, f.peak = -f.down, low
	}
	f.compareDays(days, full)
	if full > 0 {
		f.median, f.peak = full-f.median, full-f.peak
		f.z, f.up, f.down = -f.z, f.down, f.up
	}
	f.at = departure(m.Incident, f.median, f.peak)
	return f
}

// classOfSeries is what a series measures. The rate of a histogram's or a
// summary's count is how often something happens, not how long it takes, and
// what a scraper says about its own scraping is no evidence at all.
func classOfSeries(m *CaseMetric) metricClass {
	if strings.HasPrefix(m.Name, "scrape_") || m.Name == "up" {
		return classLimit
	}
	c := classOf(m.Name)
	if m.Stat == "rate" && (c == classLatency || c == classSaturation || c == classGC) && (m.Kind == evidence.MetricHistogram || m.Kind == evidence.MetricSummary || strings.HasSuffix(m.Name, "_seconds") || strings.HasSuffix(m.Name, "_count")) {
		if c == classLatency {
			return classTraffic
		}
		return classOther
	}
	return c
}

// floorOf is the least spread of a class as a share of its median: 1 % as in
// PRISM, and a tenth for latencies and traffic, which in production drift by as
// much between two quiet hours.
func floorOf(c metricClass) float64 {
	switch c {
	case classLatency, classTraffic, classNetwork, classError, classSuccess:
		return 0.1
	case classOther:
		return 0.05
	}
	return 0.01
}

// ceiling is the value of a success rate at which nothing fails, 1 or 100; 0
// for any other series. Success is measured as what it lacks, since from 100 to
// 97 is no small change.
func ceiling(c metricClass, m *CaseMetric) float64 {
	if c != classSuccess {
		return 0 // most series are none, and need no look at their values
	}
	highest := 0.0
	for _, part := range [][]evidence.Sample{m.Baseline, m.Incident} {
		for _, s := range part {
			highest = max(highest, s.Value)
		}
	}
	return ceilingBelow(c, highest)
}

// ceilingBelow is the same for a series whose highest value is known.
func ceilingBelow(c metricClass, highest float64) float64 {
	switch {
	case c != classSuccess || highest <= 0 || highest > 100:
		return 0
	case highest <= 1:
		return 1
	}
	return 100
}

// lacking turns values into what they lack of the ceiling, if there is one.
func lacking(xs []float64, full float64) []float64 {
	if full > 0 {
		for i, x := range xs {
			xs[i] = full - x
		}
	}
	return xs
}

// outermost is how many values the level of an incident is the mean of: a third,
// or half of a handful.
func outermost(n int) int {
	if n < 6 {
		return (n + 1) / 2
	}
	return (n + 2) / 3
}

// minBaseline is the least number of values that a baseline needs: fewer have
// no spread.
const minBaseline = 2

// departure is the first instant at which a series had gone half the way from
// its old level to its new one.
func departure(samples []evidence.Sample, from, to float64) time.Time {
	for _, s := range samples {
		if math.Abs(s.Value-from) >= math.Abs(to-from)/2 && (s.Value > from) == (to > from) {
			return s.Time
		}
	}
	return time.Time{}
}

// ofClient reports whether a metric is about calls that the entity makes, so
// that what it shows happened behind the entity.
func ofClient(name string) bool {
	for _, w := range nameWords(name) {
		switch w {
		case "client", "outbound", "upstream", "egress", "downstream", "dependency":
			return true
		}
	}
	return false
}

func values(samples []evidence.Sample) []float64 {
	xs := make([]float64, len(samples))
	for i, s := range samples {
		xs[i] = s.Value
	}
	return xs
}

func mean(xs []float64) float64 {
	if len(xs) == 0 {
		return 0
	}
	sum := 0.0
	for _, x := range xs {
		sum += x
	}
	return sum / float64(len(xs))
}

// labelKey is a set of labels as one string, in order of name.
func labelKey(labels map[string]string) string {
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
