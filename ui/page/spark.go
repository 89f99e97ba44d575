package page

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/report"
	"github.com/wherefore-dev/wherefore/correlate/stat"
	"github.com/wherefore-dev/wherefore/ui/chart"
)

// The picture's own units; it is stretched to the card without distortion of
// the line, so they are not pixels.
const (
	sparkWidth  = 600
	sparkHeight = 92
	sparkPoints = 64 // more samples than this are folded: a card shows no more
)

// Spark is a small chart: a line, the incident window, onset and changes.
type Spark struct {
	Name string
	Path string // the d attribute of the line
	// Filled is true where the line is whole: it is closed then, outside the picture
	// and along its foot, so that one path is the line and the area below it.
	Filled bool
	// Dots stand alone: samples with a gap on both sides.
	Dots     []Dot
	Onset    string // x, empty when it lies outside
	From, To string // x and width of the incident window
	Changes  []string
	Low      string // worded, at the chart's foot
	High     string
	Points   int // samples before folding
	Start    Clock
	End      Clock
	// Text says in words what the picture shows.
	Text string
}

// Dot is a lone sample.
type Dot struct{ X, Y string }

// sparkOf draws a chart, nil when there are fewer than two samples.
func sparkOf(c *report.Chart, m chart.Marks, ck clocks) *Spark {
	if c == nil {
		return nil
	}
	samples := chart.Finite(c.Samples)
	if len(samples) < 2 {
		return nil
	}
	all := len(samples)
	samples = chart.Fold(samples, sparkPoints)
	first, last := samples[0].Time, samples[len(samples)-1].Time
	span := last.Sub(first)
	if span <= 0 {
		return nil
	}
	low, high := samples[0].Value, samples[0].Value
	for _, s := range samples {
		low, high = min(low, s.Value), max(high, s.Value)
	}
	x := func(t time.Time) float64 { return sparkWidth * float64(t.Sub(first)) / float64(span) }
	sp := &Spark{Name: text(c.Name), Points: all, Low: value(low, c.Unit), High: value(high, c.Unit), Start: ck.at(first), End: ck.at(last)}
	sp.line(samples, x, low, high)
	inside := func(t time.Time) bool { return !t.Before(first) && !t.After(last) }
	if inside(m.Onset) {
		sp.Onset = coordinate(x(m.Onset))
	}
	if from, to := evidence.Later(m.Incident.Start, first), evidence.Earlier(m.Incident.End, last); from.Before(to) && !m.Incident.IsZero() {
		sp.From, sp.To = coordinate(x(from)), coordinate(x(to)-x(from))
	}
	for _, t := range m.Changes {
		if inside(t) {
			sp.Changes = append(sp.Changes, coordinate(x(t)))
		}
	}
	sp.Text = aroundOnset(sp.Name, samples, m.Onset, c.Unit)
	return sp
}

// line draws the samples, broken where more than three usual steps are missing.
func (sp *Spark) line(samples []evidence.Sample, x func(time.Time) float64, low, high float64) {
	span := samples[len(samples)-1].Time.Sub(samples[0].Time)
	gap := 3 * span / time.Duration(len(samples)-1)
	scale := high - low
	y := func(v float64) float64 {
		if scale == 0 || math.IsInf(scale, 0) {
			return sparkHeight / 2
		}
		return sparkHeight - 6 - (sparkHeight-12)*((v-low)/scale) // in this order: the product could overflow
	}
	var b strings.Builder
	lastX, lastY := 0, 0
	for i, s := range samples {
		starts := i == 0 || s.Time.Sub(samples[i-1].Time) > gap
		ends := i == len(samples)-1 || samples[i+1].Time.Sub(s.Time) > gap
		if starts && ends {
			sp.Dots = append(sp.Dots, Dot{coordinate(x(s.Time)), coordinate(y(s.Value))})
			continue
		}
		// Whole units, each from the one before: the shortest way to write a path.
		px, py := int(math.Round(x(s.Time))), int(math.Round(y(s.Value)))
		if starts {
			fmt.Fprintf(&b, "M%d %d", px, py)
		} else {
			fmt.Fprintf(&b, "l%d %d", px-lastX, py-lastY)
		}
		lastX, lastY = px, py
	}
	sp.Path = b.String()
	if strings.Count(sp.Path, "M") == 1 && len(sp.Dots) == 0 {
		const out = 9 // beyond the edge, where no stroke is seen
		sp.Filled = true
		sp.Path += fmt.Sprintf("H%dV%dH%dV%dZ", sparkWidth+out, sparkHeight+out, -out, int(math.Round(y(samples[0].Value))))
	}
}

// aroundOnset is the text alternative: the median on both sides of the onset.
func aroundOnset(name string, samples []evidence.Sample, onset time.Time, unit string) string {
	var before, after []float64
	for _, s := range samples {
		if s.Time.Before(onset) {
			before = append(before, s.Value)
		} else {
			after = append(after, s.Value)
		}
	}
	if len(before) == 0 || len(after) == 0 {
		return fmt.Sprintf("%s, %s", name, plural(len(samples), "point", "points"))
	}
	return fmt.Sprintf("%s: median %s before the onset, %s after it", name, value(stat.Median(before), unit), value(stat.Median(after), unit))
}

func coordinate(v float64) string { return strconv.FormatFloat(math.Round(v*10)/10, 'f', -1, 64) }
