// Package chart draws a time series with its axes as SVG. Nothing in the picture
// is styled inline: the classes bg, plot, axis, grid, line, window, gap, onset and
// change are those of the page's style sheet, so that a page in the dark has dark
// charts and the content security policy may forbid inline styles.
package chart

import (
	"bytes"
	"fmt"
	"html"
	"math"
	"strings"
	"time"

	gochart "github.com/wcharczuk/go-chart/v2" // axes, scales and paths; the one library at hand whose SVG is styled by classes
	"github.com/wcharczuk/go-chart/v2/drawing"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

// The size in the picture's own units; a page scales it.
const (
	Width  = 300
	Height = 120
)

// Chart is what is drawn.
type Chart struct {
	Marks
	// Samples are drawn in order of time, each finite, with a gap where more than
	// three usual steps are missing.
	Samples []evidence.Sample
	// From and To are the edges in time, Bottom and Top those in value; a Bottom
	// above zero counts as zero.
	From, To    time.Time
	Bottom, Top float64
	// Words says a value as the axis shows it.
	Words func(float64) string
}

// Marks are what a chart shows beside its line: the incident is shaded, onset and
// changes are upright lines. Times outside the edges are left out.
type Marks struct {
	Incident evidence.Window
	Onset    time.Time
	Changes  []time.Time
}

// SVG is the picture, which holds no markup of the chart's texts. The error is the
// library's, for a chart that cannot be drawn.
func (c Chart) SVG() (string, error) {
	g := gochart.Chart{
		Width: Width, Height: Height,
		Background: gochart.Style{ClassName: "bg", Padding: gochart.Box{Top: 6, Left: 2, Right: 8, Bottom: 2}},
		Canvas:     class("plot"),
		XAxis:      gochart.XAxis{Style: class("axis"), Ticks: c.times(), GridMajorStyle: gochart.Hidden(), GridMinorStyle: gochart.Hidden()},
		YAxis:      gochart.YAxis{Style: gochart.Hidden(), Ticks: c.values()}, // it scales the second one too
		// The library has its second axis on the left, where people look for values.
		YAxisSecondary: gochart.YAxis{Style: class("axis"), AxisType: gochart.YAxisSecondary, Ticks: c.values(), GridMajorStyle: gochart.Hidden(), GridMinorStyle: gochart.Hidden(), Zero: gochart.GridLine{Style: gochart.Hidden()}},
	}
	if from, to := c.Incident.Start, c.Incident.End; from.Before(to) {
		g.Series = append(g.Series, series("window", []evidence.Sample{{Time: evidence.Later(from, c.From), Value: c.top()}, {Time: evidence.Earlier(to, c.To), Value: c.top()}}))
	}
	for _, gap := range c.gaps() {
		g.Series = append(g.Series, series("gap", []evidence.Sample{{Time: gap.Start, Value: c.top()}, {Time: gap.End, Value: c.top()}}))
	}
	// Lines of the library's own grid take no class.
	g.Series = append(g.Series, series("grid", []evidence.Sample{{Time: c.From, Value: c.middle()}, {Time: c.To, Value: c.middle()}}))
	for _, t := range c.Changes {
		g.Series = c.upright(g.Series, "change", t)
	}
	g.Series = c.upright(g.Series, "onset", c.Onset)
	for _, line := range c.lines() {
		g.Series = append(g.Series, series("line", line))
	}
	var b bytes.Buffer
	if err := g.Render(gochart.SVGWithCSS("", ""), &b); err != nil {
		return "", fmt.Errorf("draw a chart: %w", err)
	}
	return lean.Replace(b.String()), nil
}

// lean takes out what the library writes and no style sheet here asks for.
var lean = strings.NewReplacer("\nL ", "L", "  d=", " d=", ` stroke fill"`, `"`, ` stroke"`, `"`, ` fill"`, `"`, ` text"`, `"`, ` xmlns:xlink="http://www.w3.org/1999/xlink"`, "")

// class is a style that leaves everything to the style sheet.
func class(name string) gochart.Style {
	return gochart.Style{ClassName: name, StrokeWidth: 1, FontSize: 7, StrokeColor: drawing.ColorBlack}
}

func series(name string, points []evidence.Sample) gochart.TimeSeries {
	s := gochart.TimeSeries{Style: class(name), YAxis: gochart.YAxisSecondary}
	if name == "window" || name == "gap" { // an area without an edge
		s.Style.FillColor, s.Style.StrokeColor = drawing.ColorBlack, drawing.Color{}
	}
	for _, p := range points {
		s.XValues, s.YValues = append(s.XValues, p.Time), append(s.YValues, p.Value)
	}
	return s
}

// top is above bottom, whatever was asked for.
func (c Chart) top() float64 {
	if c.Top > c.bottom() && !math.IsInf(c.Top, 0) {
		return c.Top
	}
	return c.bottom() + 1
}

func (c Chart) bottom() float64 {
	if c.Bottom < 0 && !math.IsInf(c.Bottom, 0) {
		return c.Bottom
	}
	return 0
}

func (c Chart) middle() float64 { return c.bottom()/2 + c.top()/2 }

// steps are distances between times on the axis that people count in.
var steps = []time.Duration{
	time.Second, 5 * time.Second, 15 * time.Second, 30 * time.Second, time.Minute, 2 * time.Minute, 5 * time.Minute, 10 * time.Minute,
	15 * time.Minute, 30 * time.Minute, time.Hour, 2 * time.Hour, 6 * time.Hour, 12 * time.Hour, 24 * time.Hour,
}

// mostTimes is how many times fit under a chart.
const mostTimes = 4

// times are round times in UTC. The library takes the first and the last of them
// for the edges, so that there is one without a label at each.
func (c Chart) times() []gochart.Tick {
	span := c.To.Sub(c.From)
	step := steps[len(steps)-1]
	for _, s := range steps {
		if span/s <= mostTimes {
			step = s
			break
		}
	}
	layout := "15:04"
	switch {
	case step < time.Minute:
		layout = "15:04:05"
	case step >= 24*time.Hour:
		layout, step = "2 Jan", step*(1+span/(step*mostTimes))
	}
	out := []gochart.Tick{{Value: gochart.TimeToFloat64(c.From)}}
	for t := c.From.Truncate(step); !t.After(c.To); t = t.Add(step) {
		if !t.Before(c.From) {
			out = append(out, gochart.Tick{Value: gochart.TimeToFloat64(t), Label: t.UTC().Format(layout)})
		}
	}
	return append(out, gochart.Tick{Value: gochart.TimeToFloat64(c.To)})
}

// values are the bottom, the middle and the top.
func (c Chart) values() []gochart.Tick {
	var out []gochart.Tick
	for _, v := range []float64{c.bottom(), c.middle(), c.top()} {
		out = append(out, gochart.Tick{Value: v, Label: html.EscapeString(c.Words(v))})
	}
	return out
}

// upright adds a line at a time, if that lies within the edges.
func (c Chart) upright(to []gochart.Series, name string, t time.Time) []gochart.Series {
	if t.Before(c.From) || t.After(c.To) {
		return to
	}
	return append(to, series(name, []evidence.Sample{{Time: t, Value: c.bottom()}, {Time: t, Value: c.top()}}))
}
