package chart

import (
	"math"
	"slices"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/report"
	"github.com/wherefore-dev/wherefore/correlate/stat"
)

// mostPoints is how many samples a chart draws; four stand side by side.
const mostPoints = 64

// Titles name the golden signals for people.
var Titles = map[report.GoldenSignal]string{
	report.SignalTraffic: "Rate", report.SignalErrors: "Errors", report.SignalLatency: "Duration", report.SignalSaturation: "Saturation",
}

// MarksOf are the marks of every chart of one report: its incident and onset, and the
// changes that may be to blame.
func MarksOf(r *report.Report) Marks {
	m := Marks{Incident: r.Window, Onset: r.Onset.At}
	for _, c := range r.Changes {
		if c.Suspect {
			m.Changes = append(m.Changes, c.Time)
		}
	}
	return m
}

// Of is the chart of a series, ready to be drawn; words says a value in a unit.
// ok is false for a series with fewer than two samples at different times.
func Of(c report.Chart, m Marks, words func(v float64, unit string) string) (out Chart, ok bool) {
	samples := Fold(Finite(c.Samples), mostPoints)
	if len(samples) < 2 || !samples[0].Time.Before(samples[len(samples)-1].Time) {
		return out, false
	}
	out = Chart{Marks: m, Samples: samples, From: samples[0].Time, To: samples[len(samples)-1].Time, Words: func(v float64) string { return words(v, c.Unit) }}
	for _, s := range samples {
		out.Top, out.Bottom = max(out.Top, s.Value), min(out.Bottom, s.Value)
	}
	out.Top, out.Bottom = roundedUp(out.Top, c.Unit), -roundedUp(-out.Bottom, c.Unit)
	return out, true
}

// Usual is the median of what is drawn from before the onset.
func (c Chart) Usual() (float64, bool) {
	var before []float64
	for _, s := range c.Samples {
		if s.Time.Before(c.Onset) {
			before = append(before, s.Value)
		}
	}
	if len(before) == 0 {
		return 0, false
	}
	return stat.Median(before), true
}

// Finite drops samples that no chart can hold.
func Finite(in []evidence.Sample) []evidence.Sample {
	out := make([]evidence.Sample, 0, len(in))
	for _, s := range in {
		if !math.IsNaN(s.Value) && !math.IsInf(s.Value, 0) {
			out = append(out, s)
		}
	}
	return out
}

// Fold keeps the value farthest from the previous one in each of at most n
// buckets, so that a short spike stays in the picture.
func Fold(in []evidence.Sample, n int) []evidence.Sample {
	if len(in) <= n {
		return in
	}
	out := make([]evidence.Sample, 0, n)
	for i := range n {
		bucket := in[i*len(in)/n : (i+1)*len(in)/n]
		pick := bucket[0]
		if i > 0 {
			before := out[i-1].Value
			for _, s := range bucket {
				if math.Abs(s.Value-before) > math.Abs(pick.Value-before) {
					pick = s
				}
			}
		}
		out = append(out, pick)
	}
	return out
}

// lines cuts the samples where more than three usual steps are missing.
func (c Chart) lines() [][]evidence.Sample {
	samples := c.Samples
	gap := 3 * samples[len(samples)-1].Time.Sub(samples[0].Time) / time.Duration(len(samples)-1)
	var lines [][]evidence.Sample
	for i, s := range samples {
		if i == 0 || s.Time.Sub(samples[i-1].Time) > gap {
			lines = append(lines, nil)
		}
		lines[len(lines)-1] = append(lines[len(lines)-1], s)
	}
	return lines
}

// gaps are the times between the lines, where nothing was measured.
func (c Chart) gaps() []evidence.Window {
	var out []evidence.Window
	lines := c.lines()
	for i := range lines[1:] {
		out = append(out, evidence.Window{Start: lines[i][len(lines[i])-1].Time, End: lines[i+1][0].Time})
	}
	return out
}

// Shows reports which marks lie within the picture, and whether the line has
// gaps.
func (c Chart) Shows() (onset, change, window, gap bool) {
	inside := func(t time.Time) bool { return !t.Before(c.From) && !t.After(c.To) }
	return inside(c.Onset), slices.ContainsFunc(c.Changes, inside), evidence.Later(c.Incident.Start, c.From).Before(evidence.Earlier(c.Incident.End, c.To)), len(c.lines()) > 1
}

// roundedUp is the next of 1, 2, 3, 4, 5, 6 and 8 times a power of ten, of bytes
// times a power of ten of the unit in which they are said; 0 for what is not
// positive.
func roundedUp(v float64, unit string) float64 {
	if v <= 0 {
		return 0
	}
	said := 1.0
	for unit == "By" && v >= 1024*said {
		said *= 1024
	}
	power := said * math.Pow(10, math.Floor(math.Log10(v/said)))
	for _, n := range []float64{1, 2, 3, 4, 5, 6, 8} {
		if v <= n*power {
			return n * power
		}
	}
	return 10 * power
}
