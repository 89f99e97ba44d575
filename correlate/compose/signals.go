package compose

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/gathered"
	"github.com/wherefore-dev/wherefore/correlate/metric"
	"github.com/wherefore-dev/wherefore/correlate/report"
	"github.com/wherefore-dev/wherefore/correlate/stat"
	"github.com/wherefore-dev/wherefore/correlate/view"
	"github.com/wherefore-dev/wherefore/correlate/wording"
)

const (
	// shownBefore is how much normal time a chart shows at least, for a picture of
	// what is usual.
	shownBefore = 10 * time.Minute
	// shownTimes is how many times the incident's length is shown before it.
	shownTimes = 2
	// mostSignalSamples bounds a chart; more would be finer than a screen's pixels.
	mostSignalSamples = 600
)

// goldenSignals are those of the first cause and of the alerting service, as
// far as their own series measure them. Calls that a service makes to others are
// not its own.
func goldenSignals(c *gathered.Evidence, causes []report.Cause) []report.ServiceSignals {
	blamed := ""
	if len(causes) > 0 {
		blamed = causes[0].Entity.Name
	}
	var out []report.ServiceSignals
	for _, name := range []string{blamed, c.Service} {
		if name == "" || len(out) > 0 && out[0].Service == name {
			continue
		}
		s := report.ServiceSignals{Service: name, Alerts: name == c.Service, Blamed: name == blamed}
		if s.Charts = signalsOf(c, name, resourceOf(causes, name)); len(s.Charts) > 0 {
			out = append(out, s)
		}
	}
	return out
}

// signalsOf are the signals of one service in the order in which they are shown;
// own are the metrics by which it is blamed.
func signalsOf(c *gathered.Evidence, service string, own []string) []report.SignalChart {
	families := familiesOf(c, service)
	traffic := busiest(families, func(m *gathered.Series) bool { return metric.CountsRequests(m.Name, m.Stat, m.Kind) })
	var out []report.SignalChart
	add := func(s report.GoldenSignal, f family) {
		if chart, ok := f.chart(c); ok {
			chart.Signal = s
			if s == report.SignalTraffic {
				chart.Chart.Name = "all " + wording.SpokenCount(f[0].Name)
			}
			chart.Since, chart.Usual = levels(chart.Chart.Samples, c.Onset.At, s == report.SignalTraffic)
			out = append(out, chart)
		}
	}
	add(report.SignalTraffic, traffic)
	bad := errorsAmong(families, traffic)
	if chart, ok := bad.shareOf(c, traffic); ok {
		out = append(out, chart)
	} else {
		add(report.SignalErrors, bad)
	}
	add(report.SignalLatency, durations(families, traffic))
	add(report.SignalSaturation, fullest(c, families, own))
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

// fullest is the one resource whose use moved farthest towards harm: of those by
// which the service is blamed, else of those whose values tell how full it is, by
// a wait or a share. The use of anything else says nothing without its limit.
func fullest(c *gathered.Evidence, families []family, own []string) family {
	var best family
	most := 0.0 // what does not move tells nothing
	blamed := slices.ContainsFunc(families, func(f family) bool { return slices.Contains(own, f[0].Name) && ofResource(f) })
	for _, f := range families {
		if blamed && !slices.Contains(own, f[0].Name) || !blamed && f.class() != metric.ClassSaturation || !ofResource(f) {
			continue
		}
		for _, m := range f {
			if one := view.Measure(m, 0, c.By()); one.Usable && one.HarmfulDeviation() > most {
				best, most = family{m}, one.HarmfulDeviation()
			}
		}
	}
	return best
}

// ofResource reports whether a family measures the use of something limited.
func ofResource(f family) bool {
	return f.class() == metric.ClassSaturation || f.class() == metric.ClassInUse || f.class().Internal()
}

// resourceOf are the metrics by which an entity is blamed, if it is the first
// cause.
func resourceOf(causes []report.Cause, name string) []string {
	if len(causes) == 0 || causes[0].Entity.Name != name {
		return nil
	}
	var names []string
	for _, t := range causes[0].Terms {
		if rule, _, _ := strings.Cut(t.ID, "/"); rule != "resource" && rule != "saturation" {
			continue
		}
		for _, r := range t.Refs {
			if r.Kind == evidence.RefSeries && t.Points > 0 {
				id, _, _ := strings.Cut(r.ID, "{")
				names = append(names, id)
			}
		}
	}
	return names
}

// levels are the level of a chart since the onset and before: of what comes at a
// rate the mean, else the median.
func levels(samples []evidence.Sample, onset time.Time, mean bool) (since, usual *float64) {
	var on [2][]float64
	for _, s := range samples {
		if !math.IsNaN(s.Value) && !math.IsInf(s.Value, 0) {
			on[sideOf(s, onset)] = append(on[sideOf(s, onset)], s.Value)
		}
	}
	level := func(values []float64) *float64 {
		if len(values) == 0 {
			return nil
		}
		v := stat.Median(values)
		if mean {
			v = stat.Mean(values)
		}
		return &v
	}
	return level(on[1]), level(on[0])
}

// shareOf is which share of all requests ended badly, in percent: a rate of errors
// says nothing beside another rate. ok is false where the errors are not counted
// among the requests.
func (f family) shareOf(c *gathered.Evidence, all family) (out report.SignalChart, ok bool) {
	if len(f) == 0 || len(all) == 0 || f[0].Name != all[0].Name || f[0].Stat != all[0].Stat {
		return out, false
	}
	out, ok = f.chart(c)
	requests, counted := all.chart(c)
	if !ok || !counted {
		return out, false
	}
	of := map[time.Time]float64{}
	for _, s := range requests.Chart.Samples {
		of[s.Time] = s.Value
	}
	var sums [2][2]float64
	shares := make([]evidence.Sample, 0, len(requests.Chart.Samples))
	for _, s := range out.Chart.Samples {
		if n := of[s.Time]; n > 0 {
			side := sideOf(s, c.Onset.At)
			sums[side][0], sums[side][1] = sums[side][0]+s.Value, sums[side][1]+n
			shares = append(shares, evidence.Sample{Time: s.Time, Value: 100 * s.Value / n})
		}
	}
	for side, level := range []**float64{&out.Usual, &out.Since} {
		if sums[side][1] > 0 {
			v := 100 * sums[side][0] / sums[side][1]
			*level = &v
		}
	}
	out.Signal, out.By = report.SignalErrors, append(out.By, requests.By...)
	out.Chart = report.Chart{Name: "failed of all " + wording.SpokenCount(f[0].Name), Unit: "%", Samples: shares}
	out.Query = "100 * " + summed(f, out.Query) + " / " + summed(all, requests.Query)
	return out, len(shares) > 1
}

// summed is the query of a family as one series without labels.
func summed(f family, query string) string {
	if len(f) > 1 {
		return query // is a sum
	}
	return "sum(" + query + ")"
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
		out.Chart.Name = gathered.Titled(&gathered.Series{Name: f[0].Name, Stat: f[0].Stat, Kind: f[0].Kind})
		out.Query = gathered.QueryOfAll(f, together)
	}
	return out, len(samples) > 1
}

// shown are the samples of the incident with twice as much of the time before it,
// or shownBefore where that is more.
func shown(c *gathered.Evidence, samples []evidence.Sample) []evidence.Sample {
	before := max(shownBefore, shownTimes*c.Incident.End.Sub(c.Onset.At))
	from := c.Onset.At.Add(-before)
	i, _ := slices.BinarySearchFunc(samples, from, func(s evidence.Sample, t time.Time) int { return s.Time.Compare(t) })
	samples = samples[i:]
	return samples[max(0, len(samples)-mostSignalSamples):]
}
