package compose

import (
	"cmp"
	"slices"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/gathered"
	"github.com/wherefore-dev/wherefore/correlate/metric"
	"github.com/wherefore-dev/wherefore/correlate/report"
	"github.com/wherefore-dev/wherefore/correlate/view"
)

const (
	// signalsBefore is how much normal time a chart shows at least, for a picture of
	// what is usual.
	signalsBefore = 10 * time.Minute
	// mostSignalSamples bounds a chart; more would be finer than a screen's pixels.
	mostSignalSamples = 600
)

// goldenSignals are those of the alerting service and of the first cause, as
// far as their own series measure them. Calls that a service makes to others are
// not its own.
func goldenSignals(c *gathered.Evidence, causes []report.Cause) []report.ServiceSignals {
	blamed := ""
	if len(causes) > 0 {
		blamed = causes[0].Entity.Name
	}
	var out []report.ServiceSignals
	for _, name := range []string{c.Service, blamed} {
		if name == "" || len(out) > 0 && out[0].Service == name {
			continue
		}
		s := report.ServiceSignals{Service: name, Alerts: name == c.Service, Blamed: name == blamed}
		if s.Charts = signalsOf(c, name); len(s.Charts) > 0 {
			out = append(out, s)
		}
	}
	return out
}

// signalsOf are the signals of one service in the order in which they are shown.
func signalsOf(c *gathered.Evidence, service string) []report.SignalChart {
	families := familiesOf(c, service)
	traffic := busiest(families, func(m *gathered.Series) bool { return metric.CountsRequests(m.Name, m.Stat, m.Kind) })
	var out []report.SignalChart
	add := func(s report.GoldenSignal, f family) {
		if chart, ok := f.chart(c); ok {
			chart.Signal = s
			out = append(out, chart)
		}
	}
	add(report.SignalTraffic, traffic)
	add(report.SignalErrors, errorsAmong(families, traffic))
	add(report.SignalLatency, durations(families, traffic))
	add(report.SignalSaturation, fullest(c, families))
	return out
}

// family are the series of one metric and statistic of one service, which differ
// in their labels alone.
type family []*gathered.Series

// familiesOf are the families of a service, by name and statistic. Series of the
// alert's own expression may be shares or sums of several services: they are
// shown as what alerts.
func familiesOf(c *gathered.Evidence, service string) []family {
	var own []*gathered.Series
	for i := range c.Metrics {
		m := &c.Metrics[i]
		if m.Entity == service && m.Stat != gathered.StatExpr && !metric.OfClient(m.Name) && !metric.OfNode(m.Name) {
			own = append(own, m)
		}
	}
	slices.SortStableFunc(own, func(a, b *gathered.Series) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Stat, b.Stat), cmp.Compare(view.LabelKey(a.Labels), view.LabelKey(b.Labels)))
	})
	var out []family
	for i, m := range own {
		if i > 0 && own[i-1].Name == m.Name && own[i-1].Stat == m.Stat {
			out[len(out)-1] = append(out[len(out)-1], m)
		} else {
			out = append(out, family{m})
		}
	}
	return out
}

func (f family) class() metric.Class { return metric.Measured(f[0].Name, f[0].Stat, f[0].Kind) }

// busiest is the family with the highest sum of all that qualify, the first of
// equals.
func busiest(families []family, qualifies func(*gathered.Series) bool) family {
	var best family
	most := 0.0
	for _, f := range families {
		if !qualifies(f[0]) {
			continue
		}
		total := 0.0
		for _, m := range f {
			for _, s := range slices.Concat(m.Baseline, m.Incident) {
				total += s.Value
			}
		}
		if best == nil || total > most {
			best, most = f, total
		}
	}
	return best
}

// errorsAmong are the requests that ended badly, by their labels; where those do
// not tell, the counter of errors that counts most.
func errorsAmong(families []family, traffic family) family {
	var bad family
	for _, m := range traffic {
		if metric.OutcomeOf(m.Labels) == metric.OutcomeBad {
			bad = append(bad, m)
		}
	}
	if len(bad) > 0 {
		return bad
	}
	return busiest(families, func(m *gathered.Series) bool {
		return m.Stat == "rate" && metric.Measured(m.Name, m.Stat, m.Kind) == metric.ClassError
	})
}

// slowness are the statistics of a duration, the most telling first.
var slowness = []string{"p99", "p95", "p90", "mean", "p50", ""}

// durations are those of the requests that are counted, else of the first family
// of durations.
func durations(families []family, traffic family) family {
	rank := func(f family) []int {
		apart := 0
		if len(traffic) == 0 || f[0].Name != traffic[0].Name {
			apart = 1
		}
		return []int{apart, slices.Index(slowness, f[0].Stat)}
	}
	var best family
	for _, f := range families {
		if f.class() != metric.ClassLatency || rank(f)[1] < 0 {
			continue
		}
		if best == nil || slices.Compare(rank(f), rank(best)) < 0 {
			best = f
		}
	}
	return best
}

// fullest is the one resource whose use moved farthest towards harm.
func fullest(c *gathered.Evidence, families []family) family {
	var best family
	most := -1.0
	for _, f := range families {
		switch f.class() {
		case metric.ClassSaturation, metric.ClassInUse:
		default:
			if !f.class().Internal() {
				continue
			}
		}
		for _, m := range f {
			if one := view.Measure(m, 0, c.By()); one.Usable && one.HarmfulDeviation() > most {
				best, most = family{m}, one.HarmfulDeviation()
			}
		}
	}
	return best
}

// chart brings a family together: counts are added, of durations the highest is
// taken. ok is false where there is nothing to draw.
func (f family) chart(c *gathered.Evidence) (out report.SignalChart, ok bool) {
	if len(f) == 0 {
		return out, false
	}
	highest := f.class() == metric.ClassLatency
	at := map[time.Time]float64{}
	for _, m := range f {
		out.By = append(out.By, gathered.CallOf(m))
		for _, s := range slices.Concat(m.Baseline, m.Incident) {
			k := s.Time.UTC()
			if v, seen := at[k]; !seen || highest && s.Value > v {
				at[k] = s.Value
			} else if !highest {
				at[k] = v + s.Value
			}
		}
	}
	samples := make([]evidence.Sample, 0, len(at))
	for t, v := range at {
		samples = append(samples, evidence.Sample{Time: t, Value: v})
	}
	slices.SortFunc(samples, func(a, b evidence.Sample) int { return a.Time.Compare(b.Time) })
	samples = shown(c, samples)
	out.Chart = report.Chart{Name: gathered.Titled(f[0]), Unit: f[0].Unit, Samples: samples}
	out.Query, out.Series = gathered.QueryOf(f[0]), len(f)
	if len(f) > 1 {
		together := "sum"
		if highest {
			together = "max"
		}
		out.Chart.Name = gathered.Titled(&gathered.Series{Name: f[0].Name, Stat: f[0].Stat})
		out.Query = gathered.QueryOfAll(f, together)
	}
	return out, len(samples) > 1
}

// shown are the samples of the incident with twice as much of the time before it,
// or signalsBefore where that is more.
func shown(c *gathered.Evidence, samples []evidence.Sample) []evidence.Sample {
	before := max(signalsBefore, 2*c.Incident.End.Sub(c.Onset.At))
	from := c.Onset.At.Add(-before)
	i, _ := slices.BinarySearchFunc(samples, from, func(s evidence.Sample, t time.Time) int { return s.Time.Compare(t) })
	samples = samples[i:]
	return samples[max(0, len(samples)-mostSignalSamples):]
}
