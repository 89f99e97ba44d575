package page

import (
	"math"
	"strconv"
	"strings"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/report"
	"github.com/wherefore-dev/wherefore/ui/chart"
)

// SignalsSection are the golden signals of the alerting service beside those of
// the cause, empty where no series measures them.
type SignalsSection struct {
	Rows []SignalsRow
	// Onset, Change, Window and Gap tell what is drawn in any of the charts.
	Onset, Change, Window, Gap bool
}

// SignalsRow are the charts of one service.
type SignalsRow struct {
	Service string
	Role    string // "alerts", "first cause", or both
	Charts  []SignalFigure
}

// SignalFigure is one chart with what stands under it.
type SignalFigure struct {
	Title string // "Errors"
	Name  string // the metric, and how many series of it
	SVG   string // markup that chart.SVG made
	Text  string // what the picture shows, in words
	// Since and Usual are the level since the onset and the one before.
	Since, Usual string
	// marks tell which of them lie within the picture.
	onset, change, window, gap bool
	Asked                      []Asked
	// Points are "seconds value;…" for the script that shows the value under the
	// pointer, the seconds counted from From; From and To are the edges, in seconds
	// since 1970.
	Points, From, To string
}

func (b *builder) signals() SignalsSection {
	var out SignalsSection
	for _, s := range b.rep.Signals {
		row := SignalsRow{Service: text(s.Service)}
		switch {
		case s.Alerts && s.Blamed:
			row.Role = "the alerting service and the first cause"
		case s.Alerts:
			row.Role = "the alerting service"
		default:
			row.Role = "the first cause"
		}
		for _, c := range s.Charts {
			f, ok := b.signalFigure(c)
			if !ok {
				continue
			}
			if share := b.rep.Impact.Affected; b.rep.Impact.Fails && s.Alerts && c.Signal == report.SignalErrors && c.Chart.Unit == "%" && share > 0 {
				f.Since = value(math.Round(100*share), "%") // the one share that the head and the card say
			}
			row.Charts = append(row.Charts, f)
			out.Onset, out.Change, out.Window, out.Gap = out.Onset || f.onset, out.Change || f.change, out.Window || f.window, out.Gap || f.gap
		}
		if len(row.Charts) > 0 {
			out.Rows = append(out.Rows, row)
		}
	}
	return out
}

// signalFigure draws one signal; ok is false for what cannot be drawn.
func (b *builder) signalFigure(c report.SignalChart) (f SignalFigure, ok bool) {
	title, known := chart.Titles[c.Signal]
	unit := c.Chart.Unit
	pic, drawn := chart.Of(c.Chart, b.marks, value)
	if !drawn || !known {
		return f, false
	}
	svg, err := pic.SVG()
	if err != nil {
		return f, false
	}
	samples := pic.Samples
	f = SignalFigure{Title: title, Name: text(c.Chart.Name), SVG: svg,
		From: strconv.FormatInt(pic.From.Unix(), 10), To: strconv.FormatInt(pic.To.Unix(), 10), Points: underPointer(samples, unit)}
	if c.Series > 1 && c.Chart.Unit != "%" {
		f.Name += ", " + together(c.Signal) + " of " + strconv.Itoa(c.Series) + " series"
	}
	if c.Since != nil {
		f.Since = level(*c.Since, unit)
	}
	if c.Usual != nil {
		f.Usual = level(*c.Usual, unit)
	} else if usual, ok := pic.Usual(); ok && c.Since == nil { // reports of older engines do not say it
		f.Usual = level(usual, unit)
	}
	f.onset, f.change, f.window, f.gap = pic.Shows()
	f.Text = aroundOnset(f.Name, samples, b.marks.Onset, unit)
	f.Asked = b.asked(report.Term{Query: c.Query, Calls: c.Calls, Chart: &c.Chart})
	return f, true
}

// levels are what was usual before the onset and what is since, where it is known.
func (f SignalFigure) levels() string {
	if f.Since == "" {
		return f.Usual + " before"
	}
	return f.Usual + " before, " + f.Since + " since onset"
}

// level words a level: two digits are as much as a person compares.
func level(v float64, unit string) string {
	if unit == "%" || unit == "1/s" {
		if a := math.Abs(v); a >= 10 {
			v = math.Round(v)
		} else if a >= 0.1 {
			v = math.Round(10*v) / 10
		}
	}
	return value(v, unit)
}

// together says how several series became one line.
func together(s report.GoldenSignal) string {
	if s == report.SignalLatency {
		return "highest"
	}
	return "sum"
}

// underPointer lists the samples as the script reads them.
func underPointer(samples []evidence.Sample, unit string) string {
	var b strings.Builder
	for i, s := range samples {
		if i > 0 {
			b.WriteByte(';')
		}
		b.WriteString(strconv.FormatInt(int64(s.Time.Sub(samples[0].Time).Seconds()), 10) + " " + strings.ReplaceAll(value(s.Value, unit), ";", ","))
	}
	return b.String()
}
